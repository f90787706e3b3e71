// Takes a drawn chart out of the page: with its colours written into it, as SVG, as picture, or as text.
import { tell, tellProblem } from "../../ui/Toast";
import { localProblem } from "../../api/client";

const WRITTEN = ["fill", "stroke", "stroke-width", "opacity", "fill-opacity", "stroke-dasharray", "font-size", "font-family", "font-weight", "text-anchor"];

/** The chart as a file of its own: what the style sheet gives stands in attributes. */
export function svgText(drawn: SVGSVGElement): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const originals = [drawn, ...drawn.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const name of WRITTEN) copies[index]?.setAttribute(name, style.getPropertyValue(name));
    copies[index]?.removeAttribute("class");
  });
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.documentElement).getPropertyValue("--bg-raised").trim());
  copy.prepend(ground);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

async function pictureOf(drawn: SVGSVGElement): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svgText(drawn)], { type: "image/svg+xml" }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = drawn.clientWidth * 2;
    canvas.height = drawn.clientHeight * 2;
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, fail) =>
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("The browser made no picture."))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Copies a chart as a PNG picture; where the clipboard takes none, saves it. */
export async function copyPicture(drawn: SVGSVGElement, file: string): Promise<void> {
  try {
    const picture = await pictureOf(drawn);
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      tell("The chart is copied as a picture.");
    } catch {
      saveBlob(picture, `${file}.png`);
      tell(`The clipboard takes no picture here; ${file}.png is saved instead.`);
    }
  } catch (fault) {
    tellProblem(localProblem("no-picture", fault instanceof Error ? fault.message : String(fault), "Copy it as SVG."));
  }
}

/** Copies text and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(said);
  } catch {
    tellProblem(localProblem("no-clipboard", "The browser does not let this page copy.", "Allow it the clipboard."));
  }
}

/** Saves bytes as a file of the person's machine. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

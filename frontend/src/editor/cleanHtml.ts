// Takes everything but plain text marks out of HTML that was made from a library's documentation: it may be hostile.
const KEPT = new Set("A B BLOCKQUOTE BR CODE DD DL DT EM H1 H2 H3 H4 H5 H6 HR I LI OL P PRE SPAN STRONG TABLE TBODY TD TH THEAD TR UL".split(" "));
const DROPPED = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED SVG MATH NOSCRIPT TITLE".split(" "));

/** Gives HTML without any attribute, script, picture or link; highlighting's class names stay. */
export function cleanHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const clean = document.createElement("div");
  copyInto(clean, parsed.body);
  return clean.innerHTML;
}

function copyInto(target: Node, source: Node): void {
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) target.appendChild(document.createTextNode(child.nodeValue ?? ""));
    else if (child instanceof Element && !DROPPED.has(child.tagName.toUpperCase())) {
      const name = child.tagName.toUpperCase();
      if (!KEPT.has(name)) copyInto(target, child);
      else {
        const copy = document.createElement(name === "A" ? "span" : name.toLowerCase());
        const look = child.getAttribute("class");
        if (name === "SPAN" && look !== null && /^[\w ͼ-]{1,80}$/.test(look)) copy.className = look;
        copyInto(copy, child);
        target.appendChild(copy);
      }
    }
  }
}

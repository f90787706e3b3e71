// What every chart has: its width, the text at the mouse, and a menu that copies it as picture, SVG or numbers.
import { ClipboardCopy, Download, Ellipsis, Image, Table2 } from "lucide-react";
import { type ReactNode, useCallback, useRef, useState } from "react";

import { IconButton } from "../../ui/Button";
import { Menu } from "../../ui/Menu";
import { tell } from "../../ui/Toast";
import { copyPicture, copyText, saveBlob, svgText } from "./exporting";
import "./charts.css";

export interface Pointed {
  x: number;
  y: number;
  text: string;
}

export interface ChartDrawing {
  width: number;
  point: (pointed: Pointed | null) => void;
}

interface ChartFrameProps {
  title: string;
  /** What a screen reader says of the chart. */
  summary: string;
  height: number;
  /** The chart as lines of tab-separated text. */
  numbers: () => string[][];
  note?: ReactNode;
  children: (drawing: ChartDrawing) => ReactNode;
}

export function ChartFrame({ title, summary, height, numbers, note, children }: ChartFrameProps) {
  const svg = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(0);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const measure = useCallback((box: HTMLDivElement | null) => {
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(box.clientWidth)));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const file = title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60) || "chart";
  const withSvg = (act: (drawn: SVGSVGElement) => void) => () => svg.current && act(svg.current);
  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <span className="chart-title" title={title}>
          {title}
        </span>
        <Menu
          align="end"
          label="Copy chart"
          items={[
            { label: "Copy as picture", icon: <Image size={15} />, onSelect: withSvg((drawn) => void copyPicture(drawn, file)) },
            {
              label: "Copy as SVG",
              icon: <ClipboardCopy size={15} />,
              onSelect: withSvg((drawn) => void copyText(svgText(drawn), "The chart is copied as SVG.")),
            },
            {
              label: "Copy as numbers",
              icon: <Table2 size={15} />,
              onSelect: () =>
                void copyText(numbers().map((row) => row.join("\t")).join("\n"), "The chart's numbers are copied."),
            },
            "-",
            {
              label: "Save as SVG",
              icon: <Download size={15} />,
              onSelect: withSvg((drawn) => {
                saveBlob(new Blob([svgText(drawn)], { type: "image/svg+xml" }), `${file}.svg`);
                tell(`${file}.svg is saved.`);
              }),
            },
          ]}
        >
          <IconButton label="Copy chart">
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        </Menu>
      </figcaption>
      <div className="chart-box" ref={measure} onMouseLeave={() => setPointed(null)}>
        {width > 0 && (
          <svg ref={svg} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
            {children({ width, point: setPointed })}
          </svg>
        )}
        {pointed && (
          <div
            className="chart-pointed"
            style={{
              left: pointed.x,
              top: pointed.y,
              translate: `${((-100 * pointed.x) / Math.max(1, width)).toFixed(1)}% calc(-100% - 6px)`, // never beyond the edges
            }}
          >
            {pointed.text}
          </div>
        )}
      </div>
      {note && <p className="chart-note">{note}</p>}
    </figure>
  );
}

// Counts of two categories as a table whose cells are the darker the more rows they have.
import type { Crosstab as CrosstabData } from "../../api/types";
import { count } from "../../ui/quantities";
import { shortened } from "./Axes";
import { ChartFrame } from "./ChartFrame";

interface CrosstabProps {
  data: CrosstabData;
  xName: string;
  yName: string;
}

const ROW = 26;

export function Crosstab({ data, xName, yName }: CrosstabProps) {
  const most = Math.max(1, ...data.counts.flat());
  return (
    <ChartFrame
      title={`${xName} – ${yName}`}
      summary={`Counts of ${xName} (rows) and ${yName} (columns): ${data.x.length} by ${data.y.length}`}
      height={54 + data.x.length * ROW}
      numbers={() => [[xName, ...data.y], ...data.x.map((label, at) => [label, ...(data.counts[at] ?? []).map(String)])]}
      note={data.other_rows > 0 ? `${count(data.other_rows)} rows have less frequent values, which are not shown.` : undefined}
    >
      {({ width, point }) => {
        const left = Math.min(width * 0.36, Math.max(54, ...data.x.map((label) => label.length * 6.4 + 12)));
        const step = (width - left - 2) / Math.max(1, data.y.length);
        return (
          <>
            <text className="chart-name" textAnchor="middle" x={(left + width) / 2} y={14}>
              {shortened(yName, (width - left) / 6.4)}
            </text>
            <text className="chart-name" textAnchor="end" x={left - 8} y={40}>
              {shortened(xName, (left - 10) / 6.4)}
            </text>
            {data.y.map((label, at) => (
              <text key={at} className="chart-label" textAnchor="middle" x={left + (at + 0.5) * step} y={40}>
                {shortened(label, step / 6.6)}
              </text>
            ))}
            {data.x.map((label, row) => (
              <g key={row}>
                <text className="chart-label" textAnchor="end" x={left - 8} y={50 + row * ROW + 17}>
                  {shortened(label, (left - 10) / 6.2)}
                </text>
                {data.y.map((other, column) => {
                  const value = data.counts[row]?.[column] ?? 0;
                  const share = value / most;
                  const x = left + column * step;
                  const y = 50 + row * ROW;
                  return (
                    <g key={column} onMouseEnter={() => point({ x: x + step / 2, y, text: `${xName}: ${label}\n${yName}: ${other}\n${count(value)} rows` })}>
                      <rect className="chart-cell-ground" x={x + 1} y={y + 1} width={Math.max(1, step - 2)} height={ROW - 2} rx={2} />
                      <rect className="chart-cell" fillOpacity={value === 0 ? 0 : 0.12 + 0.78 * share} x={x + 1} y={y + 1} width={Math.max(1, step - 2)} height={ROW - 2} rx={2} />
                      {count(value).length * 6.4 < step && (
                        <text className={share > 0.55 ? "chart-cell-text chart-cell-text-strong" : "chart-cell-text"} textAnchor="middle" x={x + step / 2} y={y + 17}>
                          {count(value)}
                        </text>
                      )}
                    </g>
                  );
                })}
              </g>
            ))}
          </>
        );
      }}
    </ChartFrame>
  );
}

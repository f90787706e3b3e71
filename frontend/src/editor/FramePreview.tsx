// The first rows of a dataset, as a small table beside the script.
import { useQuery } from "@tanstack/react-query";

import { part, request } from "../api/client";
import type { PageWish, TableHead, TablePage } from "../api/types";
import { plural } from "../ui/quantities";
import { Asked } from "../ui/Waiting";

const ROWS = 30;
const COLUMNS = 40;
const WISH: PageWish = { offset: 0, limit: ROWS, first_column: 0, column_count: COLUMNS, sort: null, filters: [] };

export function FramePreview({ digest, label }: { digest: string; label: string }) {
  const head = useQuery({
    queryKey: ["contents", digest, "head"],
    queryFn: () => request<TableHead>(`/contents/${part(digest)}/head`),
    staleTime: Infinity,
  });
  const page = useQuery({
    queryKey: ["contents", digest, "page", WISH],
    queryFn: () => request<TablePage>(`/contents/${part(digest)}/page`, { body: WISH }),
    staleTime: Infinity,
  });
  return (
    <Asked query={head}>
      {(known) => (
        <>
          <p className="editor-frame-size number">
            {plural(known.rows, "row")} × {plural(known.columns.length, "column")}
            {known.rows > ROWS && <span className="soft">, the first {ROWS} are shown</span>}
            {known.columns.length > COLUMNS && <span className="soft">, the first {COLUMNS} columns</span>}
          </p>
          <Asked query={page}>
            {(shown) => (
              <div className="editor-frame-scroll" tabIndex={0} role="region" aria-label={label}>
                <table className="editor-frame">
                  <thead>
                    <tr>
                      <th scope="col">
                        <span className="visually-hidden">Row</span>
                      </th>
                      {known.columns.slice(0, COLUMNS).map((column, index) => (
                        <th key={index} scope="col" title={`${column.name}: ${column.type}`}>
                          <span className="editor-frame-name">{column.name}</span>
                          <span className="editor-frame-type">{column.studio_type}</span>
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {shown.rows.map((row, index) => (
                      <tr key={index}>
                        <th scope="row">{shown.row_numbers[index]}</th>
                        {row.map((cell, column) => (
                          <td key={column} className={typeof cell === "number" ? "number" : undefined}>
                            {cell === null ? <span className="editor-frame-missing">missing</span> : String(cell)}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Asked>
        </>
      )}
    </Asked>
  );
}

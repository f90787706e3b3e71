// Downloads content: a dataset in one of several formats, anything else as it is [56].
import { Download } from "lucide-react";
import { useState } from "react";

import { API, ApiError, localProblem, part, problemOf } from "../api/client";
import type { Problem } from "../api/types";
import { Button } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { tell, tellProblem } from "../ui/Toast";
import { saveBlob } from "./charts/exporting";

export const FORMATS: [string, string, string][] = [
  ["csv", "CSV", ".csv"],
  ["tsv", "TSV", ".tsv"],
  ["parquet", "Parquet", ".parquet"],
  ["arrow", "Arrow", ".arrow"],
  ["jsonl", "JSON lines", ".jsonl"],
  ["arff", "ARFF", ".arff"],
];

/** Larger ones go past the page's memory straight to a file; their errors are then the browser's. */
const MOST_IN_PAGE = 128 * 1024 * 1024;

interface DownloadWish {
  digest: string;
  kind: string;
  size: number;
  name: string;
  format?: string;
}

/** Fetches content and saves it; errors are told in the server's words. */
export async function download({ digest, kind, size, name, format = "csv" }: DownloadWish): Promise<void> {
  const address = `${API}/contents/${digest}/file?kind=${part(kind)}&format=${part(format)}&name=${part(name)}`;
  if (size > MOST_IN_PAGE) {
    const link = document.createElement("a");
    link.href = address;
    link.download = "";
    link.click();
    return;
  }
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) {
      const body = (await answer.json().catch(() => null)) as { error?: Problem } | null;
      throw new ApiError(body?.error ?? localProblem("no-answer", `The server answered ${answer.status}.`), answer.status);
    }
    const file = fileName(answer.headers.get("Content-Disposition")) ?? name;
    saveBlob(await answer.blob(), file);
    tell(`${file} is saved.`);
  } catch (fault) {
    tellProblem(fault instanceof TypeError ? localProblem("offline", "The studio's server does not answer.") : problemOf(fault));
  }
}

/** The file name that an answer gives. */
export function fileName(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="([^"]*)"/i.exec(disposition ?? "")?.[1] ?? null;
}

interface DownloadButtonProps {
  digest: string;
  kind: string;
  size: number;
  name: string;
}

export function DownloadButton(props: DownloadButtonProps) {
  const [isWorking, setWorking] = useState(false);
  const start = (format?: string): void => {
    setWorking(true);
    void download({ ...props, format }).finally(() => setWorking(false));
  };
  const icon = <Download size={14} aria-hidden />;
  const label = isWorking ? "Making the file …" : "Download";
  if (props.kind !== "dataset") {
    return (
      <Button icon={icon} disabled={isWorking} onClick={() => start()}>
        {label}
      </Button>
    );
  }
  return (
    <Menu label="Download as" items={FORMATS.map(([format, name, ending]) => ({ label: name, keys: ending, onSelect: () => start(format) }))}>
      <Button icon={icon} disabled={isWorking}>
        {label}
      </Button>
    </Menu>
  );
}

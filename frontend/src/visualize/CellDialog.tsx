// One cell as a whole, as plain text.
import { useQuery } from "@tanstack/react-query";
import { ClipboardCopy } from "lucide-react";

import { request } from "../api/client";
import type { Column } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { count } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import type { components } from "../api/schema";
import { copyText } from "./charts/exporting";
import type { CellPlace } from "./grid/Grid";

type CellText = components["schemas"]["CellText"];

interface CellDialogProps {
  digest: string;
  place: CellPlace;
  column: Column | undefined;
  onClose: () => void;
}

export function CellDialog({ digest, place, column, onClose }: CellDialogProps) {
  const cell = useQuery({
    queryKey: ["contents", digest, "cell", place.tableRow, place.column],
    queryFn: () => request<CellText>(`/contents/${digest}/cell?row=${place.tableRow}&column=${place.column}`),
  });
  return (
    <Dialog
      title={`${column?.name ?? ""}, row ${count(place.tableRow + 1)}`}
      isOpen
      onClose={onClose}
      size="large"
      footer={
        <Button
          icon={<ClipboardCopy size={14} aria-hidden />}
          disabled={cell.data === undefined}
          onClick={() => void copyText(cell.data?.text ?? "", "The cell is copied.")}
        >
          Copy
        </Button>
      }
    >
      <Asked query={cell}>
        {(known) => (
          <>
            <pre className="cell-text" tabIndex={0} aria-label="Whole cell" dir="auto">
              {known.text}
            </pre>
            <p className="soft">
              {count(known.length)} characters{known.is_cut ? `; the first ${count([...known.text].length)} are shown` : ""}
            </p>
          </>
        )}
      </Asked>
    </Dialog>
  );
}

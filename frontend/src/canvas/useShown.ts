// Boxes as the canvas library holds them: with measured sizes, and, while dragged, where the pointer has them.
import { type Dispatch, type SetStateAction, useLayoutEffect, useRef, useState } from "react";

import type { Box } from "./boxes";

export function useShown(boxes: Box[]): [Box[], Dispatch<SetStateAction<Box[]>>] {
  const [shown, setShown] = useState<Box[]>(boxes);
  const made = useRef(new Map<string, Box>());

  useLayoutEffect(() => {
    setShown((now) => {
      const known = new Map(now.map((one) => [one.id, one]));
      const next = boxes.map((box): Box => {
        const before = known.get(box.id);
        if (before === undefined) return box;
        if (made.current.get(box.id) === box) return before;
        const position = before.dragging ? before.position : box.position;
        return { ...box, measured: before.measured, dragging: before.dragging, position } as Box;
      });
      made.current = new Map(boxes.map((one) => [one.id, one]));
      return next;
    });
  }, [boxes]);

  return [shown, setShown];
}

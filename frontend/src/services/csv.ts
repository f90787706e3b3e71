// Reads and writes CSV by RFC 4180, for rows that are pasted into the test form.

/** Gives the rows of cells; quoted cells may contain commas, line ends and doubled quotation marks. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endRow = (): void => {
    rows.push([...row, cell]);
    row = [];
    cell = "";
  };
  for (let place = 0; place < text.length; place += 1) {
    const character = text.charAt(place);
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[place + 1] === '"') cell += text.charAt((place += 1));
      else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === ",") {
      row.push(cell);
      cell = "";
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[place + 1] === "\n") place += 1;
      endRow();
    } else cell += character;
  }
  if (cell !== "" || row.length > 0) endRow();
  const width = rows[0]?.length ?? 0;
  return rows.filter((one) => width === 1 || one.length > 1 || one[0] !== "");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function writeCsv(rows: string[][]): string {
  return rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

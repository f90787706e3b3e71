// The icon of a module: by its id, else by its category.
import {
  Box,
  BrainCircuit,
  CalendarClock,
  ChartLine,
  ChartScatter,
  Cog,
  Database,
  FileCode2,
  FileInput,
  FileOutput,
  Filter,
  FolderArchive,
  Globe,
  GraduationCap,
  type LucideIcon,
  Sigma,
  Table2,
  TableProperties,
  Target,
  TextSearch,
} from "lucide-react";

import { own } from "../document/records";

const BY_ID: Record<string, LucideIcon> = {
  "execute-python-script": FileCode2,
  "execute-r-script": FileCode2,
  "apply-sql-transformation": Database,
  "import-data": FileInput,
  "export-data": FileOutput,
  "import-bundle": FolderArchive,
  "enter-data-manually": TableProperties,
  dataset: Table2,
};

const BY_CATEGORY: [string, LucideIcon][] = [
  ["Saved Datasets", Table2],
  ["Data Input", FileInput],
  ["Data Transformation", Filter],
  ["Feature Selection", Filter],
  ["Machine Learning / Train", GraduationCap],
  ["Machine Learning / Score", Target],
  ["Machine Learning / Evaluate", ChartLine],
  ["Machine Learning", BrainCircuit],
  ["Python", FileCode2],
  ["R Language", FileCode2],
  ["Statistical", Sigma],
  ["Text", TextSearch],
  ["Time Series", CalendarClock],
  ["OpenCV", ChartScatter],
  ["Web Service", Globe],
  ["Data Format", Cog],
];

export function iconOf(id: string, category: string): LucideIcon {
  return own(BY_ID, id) ?? BY_CATEGORY.find(([begin]) => category.startsWith(begin))?.[1] ?? Box;
}

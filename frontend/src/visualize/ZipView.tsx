// The files in a zip as a tree of folders.
import { useQuery } from "@tanstack/react-query";
import { File, Folder } from "lucide-react";

import { request } from "../api/client";
import type { ZipListing } from "../api/types";
import { bytes, plural } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { type Branch, treeOf } from "./zipTree";

export function ZipView({ digest, size }: { digest: string; size: number }) {
  const listing = useQuery({
    queryKey: ["contents", digest, "zip"],
    queryFn: () => request<ZipListing>(`/contents/${digest}/zip`),
    staleTime: Infinity,
  });
  return (
    <Asked query={listing}>
      {({ entries, total }) => (
        <div className="zip-view">
          <p className="soft">
            {plural(entries.filter((one) => !one.is_folder).length, "file")}, zip of {bytes(size)}
            {total > entries.length ? `; the first ${entries.length} of ${total} entries are shown` : ""}
          </p>
          <ul className="zip-tree" aria-label="Files in the zip">
            {treeOf(entries).map((branch) => (
              <BranchItem key={branch.name} branch={branch} depth={0} />
            ))}
          </ul>
        </div>
      )}
    </Asked>
  );
}

function BranchItem({ branch, depth }: { branch: Branch; depth: number }) {
  if (branch.children === null) {
    return (
      <li className="zip-file">
        <File size={14} aria-hidden />
        <span className="zip-name">{branch.name}</span>
        <span className="soft number">{bytes(branch.size)}</span>
      </li>
    );
  }
  return (
    <li>
      <details open={depth < 2 && branch.children.length <= 200}>
        <summary className="zip-file">
          <Folder size={14} aria-hidden />
          <span className="zip-name">{branch.name}</span>
        </summary>
        <ul>
          {branch.children.map((child) => (
            <BranchItem key={child.name} branch={child} depth={depth + 1} />
          ))}
        </ul>
      </details>
    </li>
  );
}

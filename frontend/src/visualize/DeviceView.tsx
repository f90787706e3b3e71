// What a Python device shows: the console text, and the pictures one below the other [68].
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Download, ExternalLink, Play } from "lucide-react";
import { useState } from "react";

import { API, request } from "../api/client";
import type { Device, Picture } from "../api/types";
import { bytes, plural } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { Button } from "../ui/Button";

export const useDevice = (digest: string): UseQueryResult<Device> =>
  useQuery({
    queryKey: ["contents", digest, "device"],
    queryFn: () => request<Device>(`/contents/${digest}/device`),
    staleTime: Infinity,
  });

export function DeviceView({ digest }: { digest: string }) {
  const device = useDevice(digest);
  return (
    <Asked query={device}>
      {({ log, pictures }) => (
        <div className="device">
          <section aria-labelledby="device-graphics" className="device-graphics">
            <h2 id="device-graphics">Graphics</h2>
            {pictures.length === 0 && <p className="soft">The script has drawn no picture.</p>}
            {pictures.length > 1 && <p className="soft">{plural(pictures.length, "picture")}, in the order in which they were made.</p>}
            {pictures.map((picture, index) => (
              <PictureCard key={index} picture={picture} />
            ))}
          </section>
          <section aria-labelledby="device-output" className="device-output">
            <h2 id="device-output">Standard output and error</h2>
            {log === "" ? <p className="soft">The script has printed nothing.</p> : <pre tabIndex={0}>{log}</pre>}
          </section>
        </div>
      )}
    </Asked>
  );
}

export function PictureCard({ picture }: { picture: Picture }) {
  const address = `${API}${picture.address}`;
  const [isBroken, setBroken] = useState(false);
  const isImage = picture.media_type.startsWith("image/") && !isBroken;
  return (
    <figure className="device-picture">
      <figcaption>
        <span className="device-picture-name">{picture.name}</span>
        <span className="soft">
          {picture.media_type}, {bytes(picture.size)}
        </span>
        {(isImage || picture.is_active) && (
          <a className="button button-quiet" href={address} target="_blank" rel="noreferrer noopener">
            <ExternalLink size={14} aria-hidden /> Open full size
          </a>
        )}
        <a className="button button-quiet" href={address} download={picture.name}>
          <Download size={14} aria-hidden /> Download
        </a>
      </figcaption>
      {picture.is_active ? (
        <ActivePicture name={picture.name} address={address} />
      ) : isImage ? (
        <img src={address} alt={picture.name} loading="lazy" onError={() => setBroken(true)} />
      ) : (
        <p className="soft">This file can&apos;t be shown here. Download it to look at it.</p>
      )}
    </figure>
  );
}

function ActivePicture({ name, address }: { name: string; address: string }) {
  const [isOn, setOn] = useState(false);
  if (isOn) return <iframe className="device-frame" sandbox="allow-scripts" src={address} title={name} referrerPolicy="no-referrer" />;
  return (
    <div className="device-ask">
      <p className="soft">This picture is a page with scripts. It runs in a closed frame, without access to the studio or any network.</p>
      <Button icon={<Play size={14} aria-hidden />} onClick={() => setOn(true)}>
        Show {name}
      </Button>
    </div>
  );
}

// Copies a text, and says that it did.
import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { Button, IconButton } from "../ui/Button";
import { tell } from "../ui/Toast";

interface CopyButtonProps {
  text: string;
  what: string;
  withWords?: boolean;
}

export function CopyButton({ text, what, withWords = false }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      window.setTimeout(() => setCopied(false), 2000);
    } catch {
      tell(`The browser does not let the page copy. Select ${what} and press Ctrl+C.`);
    }
  }

  const icon = isCopied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />;
  if (withWords)
    return (
      <Button icon={icon} aria-label={`Copy ${what}`} onClick={() => void copy()}>
        {isCopied ? "Copied" : "Copy"}
      </Button>
    );
  return (
    <IconButton label={isCopied ? "Copied" : `Copy ${what}`} onClick={() => void copy()}>
      {icon}
    </IconButton>
  );
}

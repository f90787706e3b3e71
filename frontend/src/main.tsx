// Starts the page: the policy's nonce for libraries that add styles, then React.
import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queries } from "./api/queries";
import { App } from "./app";
import { nonce } from "./nonce";
import "./styles/tokens.css";
import "./styles/base.css";
import { listenToKeys } from "./ui/commands";
import "./ui/theme";
import { TooltipProvider } from "./ui/Tooltip";

setNonce(nonce());
listenToKeys();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <App />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

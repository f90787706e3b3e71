// The way to the language server of a node's script: a WebSocket that is opened lazily, and again after a break.
import { hoverTooltips, LSPClient, signatureHelp, type Transport } from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import { create, type StoreApi, type UseBoundStore } from "zustand";

import { API, part } from "../api/client";
import { cleanHtml } from "./cleanHtml";

export interface LanguageState {
  /** `limited`: it works, but not everything is known; `note` says what. */
  state: "starting" | "ready" | "limited" | "asleep" | "broken" | "refused";
  environment: string;
  python: string;
  note: string;
}

/** As the server closes a conversation (language_routes.py). */
const IDLE = 4000;
const REFUSED = 4002;
const LONGEST_WAIT = 60_000;
const REQUEST_MILLISECONDS = 20_000; // the first look at a large library takes some seconds

const START: LanguageState = { state: "starting", environment: "", python: "", note: "" };

/** Gives null where there is no answer: a server that is busy or gone is no fault of the page. */
class PatientClient extends LSPClient {
  override async request<Params, Result>(method: string, params: Params): Promise<Result> {
    try {
      return await super.request<Params, Result>(method, params);
    } catch {
      return null as Result;
    }
  }
}

export class LanguageConnection {
  readonly use: UseBoundStore<StoreApi<LanguageState>> = create<LanguageState>(() => START);
  readonly client: LSPClient;
  readonly uri: string;
  private socket: WebSocket | null = null;
  private receivers = new Set<(message: string) => void>();
  private timer = 0;
  private wait = 1000;
  private isEnded = false;

  constructor(
    private readonly experiment: string,
    private readonly node: string,
  ) {
    this.uri = `file:///box/work/${encodeURIComponent(node)}.py`;
    const handled = () => true;
    this.client = new PatientClient({
      timeout: REQUEST_MILLISECONDS,
      sanitizeHTML: cleanHtml,
      notificationHandlers: { "window/logMessage": handled, "window/showMessage": handled },
      unhandledNotification: () => undefined,
    });
    this.client.initializing.catch(() => undefined);
  }

  get isReady(): boolean {
    const { state } = this.use.getState();
    return state === "ready" || state === "limited";
  }

  /** For the editor: the server learns of the text, and answers hovering and calls. */
  extension(): Extension {
    return [this.client.plugin(this.uri, "python"), hoverTooltips({ hoverTime: 400 }), signatureHelp()];
  }

  start(): void {
    this.isEnded = false;
    if (this.socket !== null) return;
    window.clearTimeout(this.timer);
    this.use.setState({ state: "starting", note: "" });
    const address = new URL(`${API}/language/${part(this.experiment)}/${part(this.node)}`, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => this.receive(event.data);
    socket.onclose = (event) => {
      if (this.socket === socket) this.onClose(event.code, event.reason);
    };
  }

  /** Wakes one that ended because nobody typed. */
  wake(): void {
    if (this.use.getState().state === "asleep") this.start();
  }

  /** The environment or the bundle has changed: goes on with another server. */
  restart(): void {
    const former = this.socket;
    this.socket = null;
    former?.close();
    if (former) this.forget();
    this.start();
  }

  end(): void {
    this.isEnded = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  private receive(text: string): void {
    if (this.receivers.size > 0 && this.isReady) {
      for (const receiver of this.receivers) receiver(text);
      return;
    }
    const message = JSON.parse(text) as { method?: string; params?: Record<string, unknown> };
    if (message.method === "studiolo/environment") {
      const params = message.params ?? {};
      this.use.setState({
        state: params.is_complete ? "ready" : "limited",
        environment: String(params.environment ?? ""),
        python: String(params.python ?? ""),
        note: String(params.note ?? ""),
      });
      this.wait = 1000;
      this.client.connect(this.transport());
      this.client.initializing.catch(() => undefined);
    }
  }

  private transport(): Transport {
    const socket = this.socket;
    return {
      send: (message) => {
        if (socket?.readyState === WebSocket.OPEN) socket.send(message);
      },
      subscribe: (handler) => void this.receivers.add(handler),
      unsubscribe: (handler) => void this.receivers.delete(handler),
    };
  }

  private onClose(code: number, reason: string): void {
    this.socket = null;
    this.forget();
    if (this.isEnded) return;
    if (code === IDLE) this.use.setState({ state: "asleep" });
    else {
      this.use.setState({ state: code === REFUSED ? "refused" : "broken", note: reason });
      this.timer = window.setTimeout(() => this.start(), code === REFUSED ? LONGEST_WAIT : this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
  }

  private forget(): void {
    if (this.client.connected) this.client.disconnect();
    this.client.initializing.catch(() => undefined);
    this.receivers.clear();
  }
}

// Short messages at the bottom of the page; also read to screen readers. `tell("Saved as dataset")`.
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { create } from "zustand";

import type { Problem } from "../api/types";
import "./toast.css";

interface Message {
  id: number;
  text: string;
  hint?: string;
  kind: "good" | "bad";
  action?: { label: string; run: () => void };
}

const useMessages = create<{ messages: Message[] }>(() => ({ messages: [] }));
let last = 0;

function add(message: Omit<Message, "id">, seconds: number): void {
  const id = ++last;
  useMessages.setState((state) => ({ messages: [...state.messages.slice(-3), { ...message, id }] }));
  if (seconds > 0) window.setTimeout(() => drop(id), seconds * 1000);
}

function drop(id: number): void {
  useMessages.setState((state) => ({ messages: state.messages.filter((one) => one.id !== id) }));
}

export function tell(text: string, action?: Message["action"]): void {
  add({ text, kind: "good", action }, 6);
}

export function tellProblem(problem: Problem, action?: Message["action"]): void {
  add({ text: problem.summary, hint: problem.hint, kind: "bad", action }, 0);
}

export function Toasts() {
  const messages = useMessages((state) => state.messages);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {messages.map((message) => (
        <div key={message.id} className={`toast toast-${message.kind}`}>
          {message.kind === "good" ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
          <div className="toast-text">
            <p>{message.text}</p>
            {message.hint && <p className="toast-hint">{message.hint}</p>}
          </div>
          {message.action && (
            <button
              type="button"
              className="toast-action"
              onClick={() => {
                message.action?.run();
                drop(message.id);
              }}
            >
              {message.action.label}
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => drop(message.id)}>
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}

// The large editor of a node's script [52-54]: the text, and beside it inputs, output, problems and the environment.
import type { Diagnostic } from "@codemirror/lint";
import { openSearchPanel } from "@codemirror/search";
import { Play, Search, WandSparkles, X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { problemOf, request } from "../api/client";
import { useWorkspace } from "../api/queries";
import { own } from "../document/records";
import { useDocument } from "../document/store";
import { Button, IconButton } from "../ui/Button";
import { StateMark } from "../ui/StateMark";
import { Tabs } from "../ui/Tabs";
import { tellProblem } from "../ui/Toast";
import { ConflictView } from "./ConflictView";
import { Divider } from "./Divider";
import { EnvironmentPane } from "./EnvironmentPane";
import { Escaping } from "./escaping";
import { InputsPane } from "./InputsPane";
import { LanguageConnection } from "./languageConnection";
import { LanguageMark } from "./LanguageMark";
import { conflictOf, resolve } from "./scriptConflict";
import { OutputPane } from "./OutputPane";
import { type ListedProblem, ProblemsPane } from "./ProblemsPane";
import { run, wishFor } from "./runNode";
import { framesOf } from "./scriptColumns";
import { type ScriptHandle, ScriptView } from "./ScriptView";
import { columnsByPort, useInputs } from "./inputs";
import "./script-editor.css";

interface ScriptEditorProps {
  node: string;
  onClose: () => void;
  line?: number | null;
}

const SAVING = { saved: "Saved", saving: "Saving …", offline: "Offline: kept here", conflict: "Changed elsewhere" };

export function ScriptEditor({ node, onClose, line }: ScriptEditorProps) {
  const experiment = useDocument((state) => state.name) ?? "";
  const shown = useDocument((state) => state.document?.nodes[node]);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const handle = useRef<ScriptHandle>(null);
  const escaping = useRef(new Escaping());
  const isThere = shown?.script != null;

  useEffect(() => {
    if (!isThere) onClose();
  }, [isThere, onClose]);

  if (!shown?.script) return null;
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-scrim" />
        <Radix.Content
          className="editor"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onEscapeKeyDown={(event) => {
            if (escaping.current.press(handle.current?.view() ?? null, event.target)) event.preventDefault();
          }}
          onInteractOutside={(event) => event.preventDefault()}
        >
          <Inside
            key={`${experiment} ${node}`}
            experiment={experiment}
            node={node}
            handle={handle}
            isReadOnly={isReadOnly}
            line={line ?? null}
          />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export default ScriptEditor;

interface InsideProps {
  experiment: string;
  node: string;
  handle: React.RefObject<ScriptHandle | null>;
  isReadOnly: boolean;
  line: number | null;
}

function Inside({ experiment, node, handle, isReadOnly, line }: InsideProps) {
  const document = useDocument((state) => state.document?.nodes[node]);
  const status = useDocument((state) => own(state.statuses, node));
  const starting = useDocument((state) => state.starting);
  const refused = useDocument((state) => state.refused);
  const saving = useDocument((state) => state.saving);
  const conflicts = useDocument((state) => state.conflicts);
  const asked = useDocument((state) => state.editor?.line ?? null) ?? line;
  const workspace = useWorkspace();
  const inputs = useInputs(node);
  const connection = useMemo(() => new LanguageConnection(experiment, node), [experiment, node]);
  const language = connection.use();
  const isPython = !/\.r$/i.test(document?.script?.file ?? "");
  const [pane, setPane] = useState("inputs");
  const [share, setShare] = useState(60);
  const [problems, setProblems] = useState<{ list: ListedProblem[]; note: string }>({ list: [], note: "" });
  const [isStarting, setStarting] = useState(false);

  useEffect(() => {
    if (!isPython) return;
    connection.start();
    return () => connection.end();
  }, [connection, isPython]);

  // Another environment or bundle: another server.
  const placeKey = JSON.stringify([document?.environment, document?.bundle, document?.requirements]);
  const known = useRef(placeKey);
  useEffect(() => {
    if (known.current !== placeKey && isPython) connection.restart();
    known.current = placeKey;
  }, [placeKey, connection, isPython]);

  useEffect(() => {
    if (asked !== null) handle.current?.goTo(asked);
  }, [asked, handle]);

  const start = useCallback(
    async (nodes?: string[]) => {
      handle.current?.save();
      setPane((now) => (nodes ? now : "output"));
      setStarting(true);
      try {
        const wish = nodes ? { to: nodes, start: [], only: [], force: false, force_nodes: [] } : wishFor(node);
        await run(wish);
      } catch (fault) {
        tellProblem(problemOf(fault));
      } finally {
        setStarting(false);
      }
    },
    [node, handle],
  );

  const onFindings = useCallback(
    (found: Diagnostic[], note: string) => {
      const doc = handle.current?.view()?.state.doc;
      if (!doc) return;
      const list = found.map((one) => ({ found: one, line: doc.lineAt(Math.min(one.from, doc.length)).number }));
      setProblems({ list, note });
    },
    [handle],
  );

  async function layOut(): Promise<void> {
    const text = handle.current?.text() ?? "";
    try {
      const answer = await request<{ text: string }>("/format", { body: { text, environment: null, experiment, node } });
      handle.current?.replace(answer.text);
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
    handle.current?.focus();
  }

  const text = document?.script?.text ?? "";
  const dialect = document?.dialect ?? "designer";
  const connected = Object.keys(document?.inputs ?? {});
  const frames = useMemo(() => framesOf(text, dialect, connected), [text, dialect, connected.join()]);
  const columns = useMemo(() => columnsByPort(inputs), [JSON.stringify(inputs.map((one) => [one.port, one.digest, !!one.head]))]);
  const conflict = conflictOf(node, conflicts);
  const isOurs = conflict !== null;
  const error = status?.state === "failed" && status.is_current ? status.error : null;
  const worst = problems.list.filter((one) => one.found.severity === "error").length;
  const environment = language.environment || document?.environment || workspace.data?.environment || "";
  const isBusy = isStarting || status?.state === "running" || status?.state === "waiting";

  return (
    <>
      <header className="editor-head">
        <div className="editor-title">
          <Radix.Title className="editor-name">{node}</Radix.Title>
          <code className="editor-file">{document?.script?.file}</code>
          {status && <StateMark state={status.is_current ? status.state : "not-run"} />}
        </div>
        {isPython && <LanguageMark connection={connection} />}
        <span className={`editor-saving editor-saving-${saving}`} role="status">
          {isReadOnly ? "Read only" : SAVING[saving]}
        </span>
        <IconButton label="Find and replace" keys="Ctrl+F" disabled={isOurs} onClick={() => openSearch(handle)}>
          <Search size={16} aria-hidden />
        </IconButton>
        {isPython && (
          <Button look="quiet" icon={<WandSparkles size={15} aria-hidden />} disabled={isReadOnly || isOurs} onClick={() => void layOut()}>
            Format
          </Button>
        )}
        <Button
          look="primary"
          icon={<Play size={15} aria-hidden />}
          disabled={isBusy || isOurs}
          title="Shift+Enter"
          onClick={() => void start()}
        >
          {isBusy ? "Running …" : "Run this node"}
        </Button>
        <Radix.Close className="icon-button" aria-label="Close the editor">
          <X size={18} aria-hidden />
        </Radix.Close>
      </header>
      {conflict ? (
        <ConflictView {...conflict} onResolve={(value) => resolve(node, value)} />
      ) : (
        <div className="editor-body">
          <div className="editor-left" style={{ flexBasis: `${share}%` }}>
            <ScriptView
              experiment={experiment}
              node={node}
              language={isPython ? "python" : "r"}
              connection={connection}
              dialect={dialect}
              connected={connected}
              columns={columns}
              runError={error}
              isReadOnly={isReadOnly}
              handle={handle}
              onRun={() => void start()}
              onFindings={onFindings}
            />
          </div>
          <Divider share={share} onChange={setShare} />
          <div className="editor-right">
            <Tabs
              label="Beside the script"
              value={pane}
              onChange={setPane}
              tabs={[
                { id: "inputs", label: "Inputs", content: <InputsPane inputs={inputs} frames={frames} onRun={(nodes) => void start(nodes)} /> },
                {
                  id: "output",
                  label: "Output",
                  content: (
                    <OutputPane
                      node={node}
                      file={document?.script?.file ?? ""}
                      status={status}
                      starting={starting}
                      refused={refused}
                      onLine={(at) => handle.current?.goTo(at)}
                    />
                  ),
                },
                {
                  id: "problems",
                  label: (
                    <>
                      Problems
                      {problems.list.length > 0 && (
                        <span className={`editor-count${worst ? " editor-count-bad" : ""}`}>{problems.list.length}</span>
                      )}
                    </>
                  ),
                  content: (
                    <ProblemsPane
                      problems={problems.list}
                      note={problems.note}
                      onGo={({ found }) => handle.current?.goToOffset(found.from, found.to)}
                    />
                  ),
                },
                { id: "environment", label: "Environment", content: <EnvironmentPane name={environment} note={language.note} /> },
              ]}
            />
          </div>
        </div>
      )}
    </>
  );
}

function openSearch(handle: React.RefObject<ScriptHandle | null>): void {
  const view = handle.current?.view();
  if (view) openSearchPanel(view);
}

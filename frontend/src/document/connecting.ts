// The changes that connect nodes, and that put a node into a connection.
import type { Change, ExperimentDocument } from "../api/types";
import { joinSource, setChange } from "./changes";
import * as graph from "./graph";

export function connecting(document: ExperimentDocument, link: graph.Connection): Change {
  return setChange(document, ["nodes", link.to.node, "inputs", link.to.port], joinSource(link.from.node, link.from.port));
}

/** Changes that put a node into a connection: from its source, on to where it went. */
export function insertion(
  document: ExperimentDocument,
  modules: graph.ModuleTable,
  name: string,
  link: graph.Connection,
): Change[] {
  const node = document.nodes[name];
  const module = node && modules[node.module];
  const source = document.nodes[link.from.node];
  if (!node || !module || !source) return [];
  const open = graph.ownPort("", "any", true);
  const given = graph.outputPorts(source, modules[source.module]).find((port) => port.name === link.from.port) ?? open;
  const input = module.inputs.find((port) => graph.portsFit(given, port));
  const target = modules[document.nodes[link.to.node]?.module ?? ""];
  const wanted = target?.inputs.find((port) => port.name === link.to.port) ?? open;
  const output = graph.outputPorts(node, module).find((port) => graph.portsFit(port, wanted));
  if (!input || !output) return [];
  return [
    connecting(document, { from: link.from, to: { node: name, port: input.name } }),
    connecting(document, { from: { node: name, port: output.name }, to: link.to }),
  ];
}

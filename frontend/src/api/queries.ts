// What the page asks often, as hooks: cached, asked again when an event says that it changed.
import { QueryClient, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import { ApiError, part, request } from "./client";
import { useEvent } from "./events";
import type { DatasetRow, Environment, ExperimentRow, Modules, Run, Service, Workspace } from "./types";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A server that is restarting, or that computes figures of long tables for others.
      retry: (count, fault) => fault instanceof ApiError && (fault.isOffline || fault.problem.code === "table-busy") && count < 30,
      retryDelay: 1000,
    },
  },
});

export const useWorkspace = (): UseQueryResult<Workspace> =>
  useQuery({ queryKey: ["workspace"], queryFn: () => request<Workspace>("/workspace") });

export const useModules = (): UseQueryResult<Modules> =>
  useQuery({ queryKey: ["modules"], queryFn: () => request<Modules>("/modules") });

export const useEnvironments = (): UseQueryResult<Environment[]> =>
  useQuery({ queryKey: ["environments"], queryFn: () => request<Environment[]>("/environments") });

export const useEnvironment = (name: string | null): UseQueryResult<Environment> =>
  useQuery({
    queryKey: ["environments", name],
    queryFn: () => request<Environment>(`/environments/${part(name ?? "")}`),
    enabled: name !== null,
  });

export const useExperiments = (): UseQueryResult<ExperimentRow[]> =>
  useQuery({ queryKey: ["experiments"], queryFn: () => request<ExperimentRow[]>("/experiments") });

export const useDatasets = (): UseQueryResult<DatasetRow[]> =>
  useQuery({ queryKey: ["datasets"], queryFn: () => request<DatasetRow[]>("/datasets") });

export const useServices = (): UseQueryResult<Service[]> =>
  useQuery({ queryKey: ["services"], queryFn: () => request<Service[]>("/services") });

export const useRuns = (experiment: string | null): UseQueryResult<Run[]> =>
  useQuery({
    queryKey: ["runs", experiment],
    queryFn: () => request<Run[]>(`/runs${experiment === null ? "" : `?experiment=${part(experiment)}`}`),
  });

/** Asks again for what events say has changed. Used once, in the frame. */
export function useFreshQueries(): void {
  const client = useQueryClient();
  const forget = useCallback((key: string) => () => void client.invalidateQueries({ queryKey: [key] }), [client]);
  useEvent("datasets", useCallback(() => forget("datasets")(), [forget]));
  useEvent("services", useCallback(() => forget("services")(), [forget]));
  useEvent("experiments", useCallback(() => forget("experiments")(), [forget]));
  useEvent("modules", useCallback(() => forget("modules")(), [forget]));
  useEvent("run", useCallback(() => [forget("runs"), forget("experiments")].forEach((again) => again()), [forget]));
  useEvent("open", useCallback(() => void client.invalidateQueries(), [client]));
}

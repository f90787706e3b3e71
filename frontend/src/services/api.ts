// What the screens of services ask, as hooks; and what they change, which makes all of it be asked again.
import { useMutation, type UseMutationResult, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { part, request } from "../api/client";
import type {
  BatchJob,
  Client,
  Sample,
  ServicePage,
  ServiceProposal,
  ServiceRequest,
  ServiceVersion,
} from "../api/types";

const LOADING_MS = 1000;
const LOG_MS = 3000;

export const addressOf = (name: string): string => `/services/${part(name)}`;

/** A service; asked again soon while it is being loaded. */
export const useService = (name: string): UseQueryResult<ServicePage> =>
  useQuery({
    queryKey: ["services", name],
    queryFn: () => request<ServicePage>(addressOf(name)),
    refetchInterval: (query) => (query.state.data?.service.state === "loading" ? LOADING_MS : false),
  });

export const useVersion = (name: string, number: number): UseQueryResult<ServiceVersion> =>
  useQuery({
    queryKey: ["services", name, "versions", number],
    queryFn: () => request<ServiceVersion>(`${addressOf(name)}/versions/${number}`),
  });

export const useSample = (name: string, number: number): UseQueryResult<Sample> =>
  useQuery({
    queryKey: ["services", name, "sample", number],
    queryFn: () => request<Sample>(`${addressOf(name)}/sample?version=${number}`),
    staleTime: Infinity,
  });

export const useClients = (name: string, form: string): UseQueryResult<Client[]> =>
  useQuery({
    queryKey: ["services", name, "clients", form],
    queryFn: () => request<Client[]>(`${addressOf(name)}/clients?form=${form}`),
  });

export const useRequests = (name: string, onlyErrors: boolean, isFollowed: boolean): UseQueryResult<ServiceRequest[]> =>
  useQuery({
    queryKey: ["services", name, "requests", onlyErrors],
    queryFn: () => request<ServiceRequest[]>(`${addressOf(name)}/requests?limit=200&only_errors=${onlyErrors}`),
    refetchInterval: isFollowed ? LOG_MS : false,
    staleTime: 0,
  });

export const useBatchJobs = (name: string): UseQueryResult<BatchJob[]> =>
  useQuery({
    queryKey: ["services", name, "batch-jobs"],
    queryFn: () => request<BatchJob[]>(`${addressOf(name)}/batch-jobs`),
    refetchInterval: LOG_MS,
    staleTime: 0,
  });

/** What an experiment offers as its files are now; `revision` makes it be asked again after a change. */
export const useProposal = (experiment: string, revision: string): UseQueryResult<ServiceProposal> =>
  useQuery({
    queryKey: ["service-proposal", experiment, revision],
    queryFn: () => request<ServiceProposal>(`/experiments/${part(experiment)}/service-proposal`),
    placeholderData: (before) => before,
    staleTime: 0,
  });

/** Carries out a change of a service and asks for everything about services again. */
export function useChange<Wish, Answer>(carryOut: (wish: Wish) => Promise<Answer>): UseMutationResult<Answer, Error, Wish> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: carryOut,
    onSuccess: () => client.invalidateQueries({ queryKey: ["services"] }),
  });
}

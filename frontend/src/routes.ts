// The addresses of the screens, all behind "#", so that they work below any prefix.
import { useHashLocation } from "wouter/use-hash-location";

const part = encodeURIComponent;

/** The address behind "#" for wouter, which decodes it once before the screens decode its parts: a "%" has to survive that. */
export function useHashAddress(): ReturnType<typeof useHashLocation> {
  const [address, go] = useHashLocation();
  return [address.replaceAll("%25", "%2525"), go];
}
useHashAddress.hrefs = (address: string) => `#${address}`;

export const routes = {
  experiments: () => "/experiments",
  experiment: (name: string) => `/experiments/${part(name)}`,
  run: (name: string, number: number) => `/experiments/${part(name)}/runs/${number}`,
  compare: (name: string, a: number, b: number) => `/experiments/${part(name)}/compare/${a}/${b}`,
  runs: () => "/runs",
  datasets: () => "/datasets",
  dataset: (name: string) => `/datasets/${part(name)}`,
  services: () => "/services",
  service: (name: string) => `/services/${part(name)}`,
  settings: () => "/settings",
};

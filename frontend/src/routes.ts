// The addresses of the screens, all behind "#", so that they work below any prefix.
const part = encodeURIComponent;

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

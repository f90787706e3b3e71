// The places of the studio, on the left: icon with a label below [2].
import { Database, History, Settings, Webhook, Workflow } from "lucide-react";
import { Link, useLocation } from "wouter";

import { routes } from "../routes";

export const PLACES = [
  { label: "Experiments", to: routes.experiments(), Icon: Workflow },
  { label: "Datasets", to: routes.datasets(), Icon: Database },
  { label: "Runs", to: routes.runs(), Icon: History },
  { label: "Services", to: routes.services(), Icon: Webhook },
  { label: "Settings", to: routes.settings(), Icon: Settings },
];

export function Rail() {
  const [location] = useLocation();
  return (
    <nav className="rail" aria-label="Places">
      {PLACES.map(({ label, to, Icon }) => (
        <Link key={to} to={to} className="rail-place" aria-current={location.startsWith(to) ? "page" : undefined}>
          <Icon size={20} aria-hidden strokeWidth={1.75} />
          {label}
        </Link>
      ))}
    </nav>
  );
}

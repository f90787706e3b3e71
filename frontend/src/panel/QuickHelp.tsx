// What a module is and what its parameters mean, at the bottom of the panel [51]; all of it behind "More help".
import { BookOpen, CircleHelp } from "lucide-react";
import { lazy, Suspense, useState } from "react";

import type { Module, Parameter } from "../api/types";
import { marked } from "../help/HelpText";
import { Button } from "../ui/Button";
import { Section } from "./Section";

const ModuleHelp = lazy(() => import("../help/ModuleHelp"));

export function QuickHelp({ module, parameters }: { module: Module; parameters: Parameter[] }) {
  const [isOpen, setOpen] = useState(false);
  const helped = parameters.filter((one) => one.help);
  return (
    <Section id="help" title="Quick help">
      <div className="panel-help">
        <p className="panel-help-title">
          <CircleHelp size={15} aria-hidden /> {module.name}
        </p>
        {module.summary && <p>{marked(module.summary)}</p>}
        {helped.length > 0 && (
          <dl>
            {helped.map((one) => (
              <div key={one.name}>
                <dt>{one.label || one.name}</dt>
                <dd>{marked(one.help)}</dd>
              </div>
            ))}
          </dl>
        )}
        <Button icon={<BookOpen size={15} aria-hidden />} onClick={() => setOpen(true)}>
          More help
        </Button>
        {isOpen && (
          <Suspense>
            <ModuleHelp id={module.id} name={module.name} origin={module.origin} onClose={() => setOpen(false)} />
          </Suspense>
        )}
      </div>
    </Section>
  );
}

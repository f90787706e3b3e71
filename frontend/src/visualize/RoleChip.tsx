// What a column is for, where it is not a plain feature: label, score, weight, fold.
const SAID: Record<string, string> = {
  feature: "a feature that models learn from",
  label: "the label that models learn to predict",
  score: "a score that a model has put out",
  weight: "the weights of the rows",
  fold: "the number of each row's fold",
  none: "no feature: models leave it out",
};

export function RoleChip({ role }: { role: string }) {
  return (
    <span className={`role-chip role-chip-${role}`} title={`This column is ${SAID[role] ?? role}.`}>
      {role === "none" ? "no feature" : role}
    </span>
  );
}

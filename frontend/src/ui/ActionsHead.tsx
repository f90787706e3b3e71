// Head of a table's last column, which holds buttons: named for screen readers only.
export function ActionsHead() {
  return (
    <th>
      <span className="visually-hidden">Actions</span>
    </th>
  );
}

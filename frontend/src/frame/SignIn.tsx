// Where somebody without a session lands: paste the token, or open the link that the terminal shows.
import { type FormEvent, useState } from "react";

import { problemOf } from "../api/client";
import { useSession } from "../api/session";
import type { Problem } from "../api/types";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import "./frame.css";

export function SignIn() {
  const signIn = useSession((state) => state.signIn);
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    try {
      await signIn(token);
    } catch (fault) {
      setProblem(problemOf(fault));
    }
  }

  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={(event) => void submit(event)}>
        <img src="./favicon.svg" width={44} height={44} alt="" />
        <h1>studiolo</h1>
        <p className="soft">
          Open the link that <code>studiolo start</code> shows in the terminal, or paste it here.
        </p>
        <Field label="Link or token">
          {(ids) => (
            <input
              {...ids}
              className="input"
              autoFocus
              autoComplete="off"
              spellCheck={false}
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        {problem && <ProblemBox problem={problem} />}
        <Button look="primary" type="submit" disabled={token.trim() === ""}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

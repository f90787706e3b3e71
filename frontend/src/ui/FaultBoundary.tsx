// Keeps a fault of one part of the page from taking the rest: says what happened, and lets it be tried again.
import { Component, type ReactNode } from "react";

import { problemOf } from "../api/client";
import { Button } from "./Button";
import { ProblemBox } from "./ProblemBox";
import "./screen.css";

interface State {
  fault: unknown;
}

export class FaultBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(fault: unknown): State {
    return { fault };
  }

  override render(): ReactNode {
    if (this.state.fault === null) return this.props.children;
    return (
      <div className="screen">
        <h1>This part of the page has failed</h1>
        <p className="soft">What you changed is in the files, or kept in this browser until it is.</p>
        <ProblemBox problem={problemOf(this.state.fault)} />
        <div>
          <Button onClick={() => this.setState({ fault: null })}>Try again</Button>{" "}
          <Button look="primary" onClick={() => window.location.reload()}>
            Reload the page
          </Button>
        </div>
      </div>
    );
  }
}

/** Versions of a model and how much each counts; a version that is not named counts nothing. */
export type Weights = Readonly<Record<string, number>>;

/** What was decided about one model. */
export interface Deployment {
  /** How the requests by its name are shared out over the versions that are served. Empty: the version that most workers serve. */
  readonly weights: Weights;
  /** The weights before the last change. */
  readonly previous?: Weights;
  /** Versions that are not served although their bundles are there. */
  readonly unloaded: readonly string[];
  /** The revision from which on engines must have been started. */
  readonly reloadedAt: number;
}

/** What was decided about all models. */
export interface Deployments {
  /** Grows with every change. */
  readonly revision: number;
  readonly models: Readonly<Record<string, Deployment>>;
}

export const NOTHING_DECIDED: Deployments = { revision: 0, models: {} };

const UNTOUCHED: Deployment = { weights: {}, unloaded: [], reloadedAt: 0 };

/** Where the decisions are kept. */
export interface DeploymentStore {
  /** Half a second old at most; the last that was known while they cannot be reached. */
  read(): Promise<Deployments>;
  /** Applies a change to the newest decisions. What it throws is thrown, and nothing has changed then. */
  change(edit: (now: Deployments) => Deployments): Promise<Deployments>;
  close(): Promise<void>;
}

export function deploymentOf(deployments: Deployments, model: string): Deployment {
  return deployments.models[model] ?? UNTOUCHED;
}

/** A change of one model; the revision grows. */
export function decided(now: Deployments, model: string, change: Partial<Deployment>): Deployments {
  const next = { ...deploymentOf(now, model), ...change };
  return { revision: now.revision + 1, models: { ...now.models, [model]: next } };
}

/** Nothing but a new revision: workers look at their folders again. */
export function lookedAtAgain(now: Deployments): Deployments {
  return { ...now, revision: now.revision + 1 };
}

/** Sum of the weights of these versions. */
export function weightOf(versions: readonly { readonly version: string }[], weights: Weights): number {
  return versions.reduce((sum, { version }) => sum + (weights[version] ?? 0), 0);
}

import { WorldError } from "../../errors.ts";

/** What a process does with what it reads, as it tells its group. */
export interface MemberJob {
  /** As `--guarantee` has it. */
  readonly guarantee: "exactly-once" | "at-least-once" | "none";
  /** The topic of its sessions; null where they go elsewhere. */
  readonly to: string | null;
}

/** A job that one or more members of a group do. */
export interface GroupJob extends MemberJob {
  /** True when one of them had partitions before the group was dealt out anew. */
  readonly isOld: boolean;
}

/** The job that a process tells of; null for one that tells of none. */
export function readJob(told: unknown): MemberJob | null {
  if (typeof told !== "object" || told === null) return null;
  const { guarantee, to } = told as Record<string, unknown>;
  const isGuarantee =
    guarantee === "exactly-once" ||
    guarantee === "at-least-once" ||
    guarantee === "none";
  if (!isGuarantee || (to !== null && typeof to !== "string")) return null;
  return { guarantee, to };
}

/** The jobs, each once. */
export function differentJobs(jobs: readonly GroupJob[]): GroupJob[] {
  const different = new Map<string, GroupJob>();
  for (const { guarantee, to, isOld } of jobs) {
    const key = JSON.stringify([guarantee, to]);
    const wasOld = different.get(key)?.isOld ?? false;
    different.set(key, { guarantee, to, isOld: isOld || wasOld });
  }
  return [...different.values()];
}

/** A process among the other readers of a topic in its group. */
interface Company {
  readonly group: string;
  readonly topic: string;
  readonly own: MemberJob;
  readonly jobs: readonly GroupJob[];
}

/** Who meets the others, and tells of them. */
interface CompanyOptions extends Omit<Company, "jobs"> {
  /** The process has been in the group before. */
  readonly isOld: boolean;
  readonly warn: (text: string) => void;
}

/** What a process has to do with the jobs of the other members of its group. */
export class JobCompany {
  readonly #options: CompanyOptions;
  #isOld: boolean;
  #warnings: readonly string[] = [];

  constructor(options: CompanyOptions) {
    this.#options = options;
    this.#isOld = options.isOld;
  }

  /**
   * Warns, once, of jobs that had better not share the group. Throws a
   * `WorldError` where this process has to stay away.
   */
  meet(jobs: readonly GroupJob[]): void {
    const { warn } = this.#options;
    const company = { ...this.#options, jobs };
    if (!this.#isOld) checkNewcomer(company);
    this.#isOld = true;
    const before = this.#warnings;
    this.#warnings = companyWarnings(company);
    for (const each of this.#warnings) if (!before.includes(each)) warn(each);
  }
}

/**
 * Throws for a newcomer that commits among members that do not, or the other way
 * round: what either has put out the other would put out again.
 */
function checkNewcomer({ group, topic, own, jobs }: Company): void {
  const commits = own.guarantee !== "none";
  const other = jobs.find(
    ({ guarantee, isOld }) => isOld && (guarantee !== "none") !== commits,
  );
  if (other === undefined) return;
  throw new WorldError(
    `Cannot join group "${group}": it has members that read "${topic}" with ` +
      `--guarantee ${other.guarantee}, and with --guarantee ${own.guarantee} ` +
      "this process would put out again what they have; give it a group of its " +
      "own with --group, or stop them first",
  );
}

/** What is wrong with the company, a sentence each. */
function companyWarnings(company: Company): string[] {
  const { group, topic, own, jobs } = company;
  const advice = "give each job a group of its own with --group";
  const guarantees = new Set(jobs.map(({ guarantee }) => guarantee));
  guarantees.delete(own.guarantee);
  const warnings = [...guarantees].map(
    (guarantee) =>
      `Group "${group}" has members that read "${topic}" with --guarantee ` +
      `${guarantee}, this process has ${own.guarantee}: sessions of partitions ` +
      `that go from one to the other may come out twice; ${advice}`,
  );
  const topics = new Set(jobs.map(({ to }) => to));
  topics.delete(own.to);
  const nameOf = (to: string | null) =>
    to === null ? "no topic" : `topic "${to}"`;
  for (const to of topics) {
    warnings.push(
      `Group "${group}" has members that write the sessions of "${topic}" to ` +
        `${nameOf(to)}, this process to ${nameOf(own.to)}: neither has them all; ${advice}`,
    );
  }
  return warnings;
}

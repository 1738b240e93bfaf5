import type { Temporal } from './connect.ts';

/** gRPC's NOT_FOUND and FAILED_PRECONDITION: no worker of the build has polled, or not of all the queues. */
const NOT_THERE: ReadonlySet<unknown> = new Set([5, 9]);

/**
 * From now on new runs go to this build, and live ones go over to it; a backfill ends on the build that it began on. Throws a
 * sentence when Temporal has seen no worker of it.
 */
export async function makeCurrent(
  { connection, namespace }: Temporal,
  deployment: { readonly name: string; readonly buildId: string },
): Promise<void> {
  try {
    await connection.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName: deployment.name,
      buildId: deployment.buildId,
      identity: 'mdti-sync setup',
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NOT_THERE.has(error.code))) throw error;
    throw new Error(
      `Namespace ${namespace} has seen no worker of build ${deployment.buildId} of ${deployment.name}. Start one, wait until it says that it polls, and try again.`,
      { cause: error },
    );
  }
}

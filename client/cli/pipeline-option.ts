import { Option } from 'commander';

export function pipelineOption(): Option {
  return new Option('--pipeline <name>', 'the pipeline, as it is named in the configuration').makeOptionMandatory();
}

export function taskQueueOption(): Option {
  return new Option('--task-queue <name>', 'the task queue of the workers')
    .default('mdti-sync')
    .env('MDTI_SYNC_TASK_QUEUE');
}

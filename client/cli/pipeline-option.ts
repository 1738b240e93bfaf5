import { Option } from 'commander';
import { pipelineName } from '../../config/pipeline-section.ts';
import { setBy } from './parsed-by.ts';

/** A name as the configuration takes it: it becomes a part of ids and of queries. */
export function pipelineOption(about = 'the pipeline, as it is named in the configuration'): Option {
  return new Option('--pipeline <name>', about).argParser(setBy(pipelineName));
}

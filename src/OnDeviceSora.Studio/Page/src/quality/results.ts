/** What `bench quality --json` prints. */
export interface Quality {
  model: string;
  prompts: string[];
  methods: MethodResult[];
  /** Similarities of the baseline, for each sentence from the second step on. */
  curves: number[][];
  /** PNG as base64, by method and sentence. */
  sheets: string[][];
}

export interface MethodResult {
  group: string;
  name: string;
  steps: number;
  ssim: number;
  psnr: number;
  motion: number;
  score: { background: number; colour: number; figure: number; motion: number; allFour: number };
  denoisingSeconds: number;
  seconds: number;
  speedUp: number;
  speedUpInAll: number;
  leapStep: number | null;
}

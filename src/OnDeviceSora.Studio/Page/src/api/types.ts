// The shapes of docs/studio.md, word for word.

export type Status = 'queued' | 'in_progress' | 'completed' | 'failed';
export type Stage = 'text_encoding' | 'denoising' | 'decoding';
export type Leap = 'off' | 'auto' | number;

export interface Video {
  id: string;
  model: string;
  status: Status;
  progress: number;
  created_at: number;
  completed_at: number | null;
  expires_at: number | null;
  prompt: string;
  seconds: string;
  size: string;
  remixed_from_video_id: string | null;
  error: { code: string; message: string } | null;
  seed: number;
  num_frames: number;
  fps: number;
  num_inference_steps: number;
  guidance_scale: number;
  leap: Leap;
  merge_steps: number;
  memory: number | null;
  queue_position: number | null;
  stage: Stage | null;
  remaining_s: number | null;
  executed_steps: number | null;
  leap_step: number | null;
  inference_time_s: number | null;
  peak_memory_mb: number | null;
  content_type: 'video/mp4' | 'image/png' | null;
  adjusted: string[];
}

export interface VideoPage {
  data: Video[];
  has_more: boolean;
}

export interface VideoRequest {
  prompt: string;
  size: string;
  num_frames: number;
  fps: number;
  num_inference_steps: number;
  guidance_scale: number;
  seed: number;
  leap: Leap;
  merge_steps: number;
  memory: string | null;
}

export interface Step {
  stage: Stage;
  completed: number;
  total: number;
  elapsed_s: number;
  remaining_s: number | null;
  memory_bytes: number;
  resident_bytes: number;
  similarity: number | null;
  leapt: boolean;
  preview: boolean;
}

export interface Plan {
  size: string;
  seconds: string;
  num_frames: number;
  adjusted: string[];
  budget_mb: number;
  peak_memory_mb: number;
  expected_s: number | null;
  waiting: number;
  waiting_s: number;
}

export interface MemorySample {
  at_s: number;
  resident_mb: number;
  budget_mb: number;
}

export interface Report {
  steps: Step[];
  memory: MemorySample[];
  seconds: { text_encoding: number | null; denoising: number | null; decoding: number | null; total: number | null };
}

export interface Comparison {
  frames: number;
  ssim: number;
  psnr_db: number;
  frame_ssim: number[];
}

export interface Range {
  minimum: number;
  maximum: number;
}

export interface Preset {
  id: string;
  title: string;
  description: string;
  num_inference_steps: number;
  leap: Leap;
  merge_steps: number;
}

export interface Capabilities {
  model: { id: string };
  sizes: string[];
  seconds: { seconds: string; num_frames: number }[];
  defaults: {
    size: string;
    num_frames: number;
    fps: number;
    num_inference_steps: number;
    guidance_scale: number;
    leap: Leap;
    merge_steps: number;
    seed: number;
  };
  limits: { prompt_characters: number; fps: Range; num_inference_steps: Range; guidance_scale: Range };
  presets: Preset[];
  memory: { budget_mb: number };
}

export interface Session {
  required: boolean;
  signed_in: boolean;
}

/** Options of `siphms up`. */
export interface UpOptions {
  readonly data: string;
  readonly demo?: true;
  readonly recordings?: string;
  readonly speed?: number;
  readonly smoke?: true;
  readonly gatewayPort: number;
  readonly hospitalPort: number;
  readonly appPort: number;
  readonly json?: true;
}

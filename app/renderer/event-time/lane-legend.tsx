import { HealthMark } from '../ui/health.tsx';

export function LaneLegend() {
  return (
    <span className="lane-legend">
      <span className="row">
        <i className="k k1" />
        seen
      </span>
      <span className="row">
        <i className="k k2" />
        watermark, then open to late rows
      </span>
      <HealthMark health="late">late row</HealthMark>
    </span>
  );
}

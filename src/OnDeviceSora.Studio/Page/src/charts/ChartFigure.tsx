import { Chart, type ChartProps } from './Chart';

interface Props extends ChartProps {
  title: string;
  /** One sentence that says what the chart shows. */
  summary: string;
  format: (value: number) => string;
}

export function ChartFigure({ title, summary, format, ...chart }: Props) {
  return (
    <figure class="chart-figure">
      <h3>{title}</h3>
      <Chart {...chart} />
      <figcaption class="muted">{summary}</figcaption>
      <details class="numbers">
        <summary>{title} in numbers</summary>
        <Numbers title={title} format={format} {...chart} />
      </details>
    </figure>
  );
}

function Numbers({ title, format, xTitle, lines, data }: Omit<Props, 'summary'>) {
  return (
    <div class="numbers-scroll" tabIndex={0} role="group" aria-label={`${title}, table`}>
      <table>
        <thead>
          <tr><th scope="col">{xTitle}</th>{lines.map((line) => <th scope="col" key={line.name}>{line.name}</th>)}</tr>
        </thead>
        <tbody>
          {Array.from(data[0], (x, row) => (
            <tr key={row}>
              <th scope="row">{Number(x.toFixed(2))}</th>
              {lines.map((line, column) => <td key={line.name}>{cell(data[column + 1]?.[row], format)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cell = (value: number | null | undefined, format: Props['format']) => (value == null ? '–' : format(value));

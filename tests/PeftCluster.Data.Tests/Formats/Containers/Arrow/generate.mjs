// Writes Parquet files as Arrow's own writer makes them (nested columns, dictionaries, nulls), to hold our reader to files that are not Parquet.Net's.
// npm i parquet-wasm@0.8 apache-arrow@21; node generate.mjs, in this folder.
import { createRequire } from 'module';
import fs from 'fs';
import * as arrow from 'apache-arrow';
const parquet = createRequire(import.meta.url)('parquet-wasm/node');

const rows = 5;
const text = new arrow.Utf8();
const message = new arrow.Struct([new arrow.Field('role', text, true), new arrow.Field('content', text, true)]);
const column = (type, value) => {
  const builder = arrow.makeBuilder({ type, nullValues: [null] });
  for (let row = 0; row < rows; row++) builder.append(value(row));
  return builder.finish().toVector();
};
const flat = {
  prompt: column(text, row => `p${row} é`),
  completion: column(text, row => `c${row % 2}`),
  label: column(new arrow.Int64(), row => BigInt(row)),
  score: column(new arrow.Float32(), row => row / 2),
  more: column(text, row => (row % 2 ? null : 'x')),
  good: column(new arrow.Bool(), row => row % 2 === 0),
};
const nested = {
  ...flat,
  messages: column(new arrow.List(new arrow.Field('item', message, true)), row =>
    [{ role: 'user', content: `hello ${row}` }, { role: 'assistant', content: row ? 'yes' : null }].slice(0, 1 + (row % 2))),
};
const write = (name, columns, version, compression) => {
  const properties = new parquet.WriterPropertiesBuilder().setCompression(compression).setWriterVersion(version).setMaxRowGroupSize(2).build();
  const table = parquet.Table.fromIPCStream(arrow.tableToIPC(new arrow.Table(columns), 'stream'));
  fs.writeFileSync(`${name}.parquet`, parquet.writeParquet(table, properties));
};
write('nested', nested, parquet.WriterVersion.V1, parquet.Compression.SNAPPY);
write('nested-zstd', nested, parquet.WriterVersion.V1, parquet.Compression.ZSTD);
const { good, ...plain } = flat;
write('flat-pages-2', plain, parquet.WriterVersion.V2, parquet.Compression.SNAPPY);
write('nested-pages-2', { ...plain, messages: nested.messages }, parquet.WriterVersion.V2, parquet.Compression.SNAPPY);

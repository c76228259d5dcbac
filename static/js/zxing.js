/** zxing-wasm behind one function; built apart, because few visitors need it. */
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

/** Picture → text of its first code, or "". The wasm comes from `address`, ours. */
export async function read(file, address) {
  prepareZXingModule({ overrides: { locateFile: () => address } });
  const options = { formats: ["QRCode", "DataMatrix"], tryHarder: true, maxNumberOfSymbols: 1 };
  const found = await readBarcodes(file, options);
  return found.length && found[0].isValid ? found[0].text : "";
}

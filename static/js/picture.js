/**
 * The text of a code in a picture: with the browser's own BarcodeDetector, else
 * with zxing, whose 400 kB are fetched from our own server only then.
 */

function load(address) {
  return new Promise((resolve, reject) => {
    if (self.ecotraceZxing) return resolve(self.ecotraceZxing);
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(self.ecotraceZxing);
    script.onerror = reject;
    document.head.appendChild(script);
  });
}

async function withBrowser(file) {
  if (!("BarcodeDetector" in self)) return null;
  const formats = await self.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const picture = await createImageBitmap(file);
  const found = await new self.BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
  return found.length ? found[0].rawValue : "";
}

/**
 * File → text of the first QR or Data Matrix code, "" where none is found or
 * no reader is to be had. `reader` is the address of zxing.js.
 */
export async function readPicture(file, reader) {
  try {
    const text = await withBrowser(file);
    if (text) return text;
    const zxing = await load(reader);
    return await zxing.read(file, reader.replace(/zxing\.js/, "zxing_reader.wasm"));
  } catch (error) {
    return "";
  }
}

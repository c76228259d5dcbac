/**
 * Makes a photo small enough for a poor signal: at most 1600 pixels on its longer side, JPEG.
 *
 * A canvas forgets what the camera wrote into the file. So the Exif segment of the original is put
 * into the small picture again, with its orientation set to upright, as the canvas has drawn it.
 */
export const SIDE_MAX = 1600;
const QUALITY = 0.85;

/** The Exif segment (APP1) of a JPEG, with its orientation set to 1; null where there is none. */
export function exifOf(bytes) {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const end = at + 2 + length;
    if (marker === 0xda || length < 2 || end > bytes.length) return null;
    const named = String.fromCharCode(...bytes.subarray(at + 4, at + 10));
    if (marker === 0xe1 && named === "Exif\0\0") return upright(bytes.slice(at, end));
    at = end;
  }
  return null;
}

/** Sets the orientation (tag 0x0112 of the first directory) of an Exif segment to 1. */
function upright(segment) {
  const start = 10;
  const view = new DataView(segment.buffer, segment.byteOffset);
  const little = segment[start] === 0x49;
  const room = segment.length - 12;
  if (segment.length < start + 8) return null;
  const directory = start + view.getUint32(start + 4, little);
  if (directory > room) return segment;
  const count = view.getUint16(directory, little);
  for (let n = 0; n < count; n += 1) {
    const entry = directory + 2 + 12 * n;
    if (entry > room) break;
    if (view.getUint16(entry, little) === 0x0112) view.setUint16(entry + 8, 1, little);
  }
  return segment;
}

/** A JPEG with a segment behind its first two bytes. */
export function withSegment(jpeg, segment) {
  if (!segment) return jpeg;
  const joined = new Uint8Array(jpeg.length + segment.length);
  joined.set(jpeg.subarray(0, 2));
  joined.set(segment, 2);
  joined.set(jpeg.subarray(2), 2 + segment.length);
  return joined;
}

function picture(file) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    const address = URL.createObjectURL(file);
    image.onload = () => {
      URL.revokeObjectURL(address);
      resolve(image);
    };
    image.onerror = () => {
      URL.revokeObjectURL(address);
      reject(new Error("no picture"));
    };
    image.src = address;
  });
}

const bytesOf = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });

/** File → {digest, blob}; throws where the browser cannot draw it. */
export async function smallPhoto(file) {
  const image = await picture(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  const small = withSegment(await bytesOf(drawn), exifOf(await bytesOf(file)));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", small));
  const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { digest, blob: new Blob([small], { type: "image/jpeg" }) };
}

/** Where the phone is: {latitude, longitude} as decimal texts, null where it does not say. */
export function position() {
  const answered = new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    const told = ({ coords }) =>
      resolve({ latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6) });
    const options = { timeout: 4000, maximumAge: 60000, enableHighAccuracy: true };
    return navigator.geolocation.getCurrentPosition(told, () => resolve(null), options);
  });
  // A question that the person has not answered yet must not hold up the photo.
  return Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 5000, null))]);
}

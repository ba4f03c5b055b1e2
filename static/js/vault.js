// What a session page must not lose on this device: sealed with a key that no script can read out, so that a copy of the
// browser's files says nothing. Where a browser allows no storage the page itself remembers.

const DATABASE = "session";
const text = new TextEncoder();
const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function database() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("keys");
    request.result.createObjectStore("sealed");
  };
  return settled(request);
}

const newKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

// Made before it is needed: a transaction does not wait for it. Another tab may have been first.
async function keyOf(db, made) {
  const keys = db.transaction("keys", "readwrite").objectStore("keys");
  const known = await settled(keys.get("key"));
  if (!known) await settled(keys.put(made, "key"));
  return known || made;
}

class Sealed {
  constructor(db, key, name) {
    Object.assign(this, { db, key, name, lasting: true });
  }

  // A phone that is short of room or sleeps long closes what is open: it is opened anew, and the step is done again.
  async again(step) {
    try {
      return await step();
    } catch {
      this.db = await database();
      this.key = await keyOf(this.db, this.key);
      return step();
    }
  }

  // Where even that does not help the page goes on, and says before it is closed that it alone remembers.
  async tried(step) {
    try {
      await this.again(step);
    } catch {
      this.lasting = false;
    }
  }

  store(mode = "readonly") {
    return this.db.transaction("sealed", mode).objectStore("sealed");
  }

  async put(place, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bound = { name: "AES-GCM", iv, additionalData: text.encode(this.name + place) };
    const data = await crypto.subtle.encrypt(bound, this.key, text.encode(JSON.stringify(value)));
    await settled(this.store("readwrite").put({ iv, data }, this.name + place));
  }

  async read(place, { iv, data }) {
    const bound = { name: "AES-GCM", iv, additionalData: text.encode(this.name + place) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(bound, this.key, data)));
  }

  async page() {
    const sealed = await this.again(() => settled(this.store().get(`${this.name}page`)));
    return sealed && this.read("page", sealed);
  }

  keep(page) {
    return this.tried(() => this.put("page", page));
  }

  add(told) {
    return this.tried(() => this.put(`told/${told.key}`, told));
  }

  drop(told) {
    return this.tried(() => settled(this.store("readwrite").delete(`${this.name}told/${told.key}`)));
  }

  async waiting() {
    const range = IDBKeyRange.bound(`${this.name}told/`, `${this.name}told/\uffff`);
    const [places, rows] = await this.again(() => {
      const store = this.store();
      return Promise.all([settled(store.getAllKeys(range)), settled(store.getAll(range))]);
    });
    return Promise.all(rows.map((row, at) => this.read(places[at].slice(this.name.length), row)));
  }

  // The session is over: nothing of it stays. The key goes with the last of them.
  async wipe() {
    const range = IDBKeyRange.bound(this.name, `${this.name}\uffff`);
    await settled(this.store("readwrite").delete(range));
    const left = await settled(this.store().count());
    this.db.close();
    if (!left) indexedDB.deleteDatabase(DATABASE);
  }
}

class Remembered {
  told = new Map();
  async page() {}
  async keep() {}
  async add(told) {
    this.told.set(told.key, told);
  }
  async drop(told) {
    this.told.delete(told.key);
  }
  async waiting() {
    return [];
  }
  async wipe() {}
}

// One drawer for each session; its name says nothing of the address, which is a secret on the sitter's phone.
export async function openVault(address) {
  try {
    const digest = await crypto.subtle.digest("SHA-256", text.encode(address));
    const name = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const db = await database();
    return new Sealed(db, await keyOf(db, await newKey()), `${name}/`);
  } catch {
    return new Remembered();
  }
}

/** Letters of identifiers and file names; Japanese text goes on behind them without a space. */
const LETTER = "[\\w\\p{sc=Latn}]";
const ALONE = "(?!\\w)";
const BEGIN = "(?<!\\w)";
/** Where no word and no mark stands before it. */
const FREE = "(?<![^\\s(（「\"'])";
/** Of a path. */
const NAME = `${LETTER}(?:${LETTER}|[.@-])*`;

const KEYS = "(?:Ctrl|Control|Alt|AltGr|Shift|Cmd|Command|Option|Win|Meta|Fn)";
const KEY = "[A-Za-z0-9]{1,9}";

const EXTENSIONS = [
  ...["txt", "md", "pdf", "rtf", "docx?", "odt", "xlsx?", "ods", "pptx?", "csv", "tsv", "log", "epub", "tex"],
  ...["json", "xml", "ya?ml", "toml", "ini", "cfg", "conf", "env", "lock", "sql", "db", "bak", "tmp"],
  ...["html?", "css", "[cm]?js", "jsx", "tsx?", "py", "java", "kt", "cpp", "cs", "go", "rs", "rb", "php", "sh", "bat"],
  ...["png", "jpe?g", "gif", "svg", "bmp", "tiff?", "webp", "mp[34]", "wav", "avi", "mov", "mkv", "ttf"],
  ...["zip", "tar", "t?gz", "rar", "7z", "exe", "dll", "msi", "dmg", "iso", "apk", "deb", "rpm", "jar"],
];

const MARKED = [
  // `npm install`
  "`[^`\\n]{1,500}`",
  // report_final.pdf, docs/guide.md, Node.js
  `(?<![\\w.@\\\\/~-])${LETTER}(?:${LETTER}|[./-]){0,200}\\.(?:${EXTENSIONS.join("|")})${ALONE}(?!\\.?\\/)`,
  // /usr/local/bin, ~/notes, ./run
  `(?<![\\w<>/.~%)\\]}-])(?:(?:~|\\.{1,2})(?:\\/${NAME})+|(?:\\/${NAME}){2,})(?<!\\.)\\/?`,
  // .bashrc, .env
  `${FREE}\\.(?:bash|zsh|vim|git|npm|docker|editor|eslint|prettier)[a-z]*|${FREE}\\.(?:env|htaccess|ssh)${ALONE}`,
  // C:\Users\Tom
  `${BEGIN}[A-Za-z]:(?:\\\\${NAME})+(?<!\\.)`,
  // user_id, MAX_SIZE
  `${BEGIN}[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+(?:\\(\\))?${ALONE}`,
  // getUserName, getUserName()
  `${BEGIN}(?:[a-z]{2}[a-z0-9]*(?:[A-Z][a-z0-9]+)+(?:\\(\\))?${ALONE}|(?<!\\.)[A-Za-z_][\\w.]{0,100}\\(\\))`,
  // Ctrl+C, Ctrl + Alt + Delete, Cmd-Q
  `${BEGIN}${KEYS}(?:(?:\\s?\\+\\s?${KEY})+|-(?:F\\d{1,2}|[A-Z]))${ALONE}`,
  // C++, C#, .NET
  `${BEGIN}(?:[A-Z](?:\\+\\+|#)|\\.NET)${ALONE}`,
  // #48213, #MachineLearning, @carousel
  "(?<![\\w&/#@.])(?:#[\\p{L}\\p{Nd}_]+|@[\\w-]*\\w)",
  // --save, --model=x, -v
  `${FREE}(?:--[a-z][a-z0-9-]*(?:=[^\\s,;]*\\w)?|-[a-zA-Z](?![\\w'-]))`,
  // R&D, TCP/IP
  `${BEGIN}[A-Z]{1,4}(?:[&/][A-Z]{1,4})+${ALONE}`,
];

const NUMBERED = [
  // ISO 9001, RFC 2119
  `${BEGIN}(?:ISO|IEC|IEEE|ANSI|DIN|RFC|JIS)(?:\\/IEC)?[ -]?\\d+(?:[-:.]\\d+)*${ALONE}`,
  // v2.1
  `${BEGIN}v\\d+(?:\\.\\d+)*${ALONE}`,
  // AF1234, 221B
  `${BEGIN}(?=\\w*\\d\\d)(?:[A-Za-z]\\w*|\\d+[A-Z]\\w*)`,
  // COVID-19
  `${BEGIN}[A-Z][A-Za-z]*-\\d{2,}\\w*`,
];

/** What people write of computers, products and norms between words, and no model has seen: what has a number. */
export const NUMBERED_CODE = NUMBERED.join("|");

/** And all of it; what has no number has a SIGN_OF_CODE. */
export const CODE = [...MARKED, ...NUMBERED].join("|");

/** What is in code, but for that which has a number. */
export const SIGN_OF_CODE =
  /[`_/\\#@]|\.[A-Za-z]|(?<![^\s(（「"'])--?[A-Za-z]|\(\)|[a-z]{2}[A-Z]|[A-Z]\+\+|[a-z]\s?\+|[a-z]-[A-Z]|[A-Z]&/;

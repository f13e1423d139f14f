/** The command line cannot be understood; one sentence, and which help explains it. */
export class UsageError extends Error {
  constructor(
    sentence: string,
    readonly help: string,
  ) {
    super(sentence);
  }
}

export const COMMANDS_HELP = `npm run kizuna -- <command> [options]

Commands for the operator of an installation.

  programs create    make a program with its first key, or one more key for a program that is there

  --help             this text; after a command, the help of that command
`;

export const CREATE_HELP = `npm run kizuna -- programs create --id ID --name NAME --currency CODE --time-zone ZONE [options]

Makes a program (a tenant) and prints its API key, which is shown this once. Run again with the same settings it gives
one more key. Works on the installation that npm start runs here, or on the database in GATEWAY_DATABASE_URL.

  --id ID                 3 to 40 small letters, digits and hyphens
  --name NAME             what people call it
  --currency CODE         ISO 4217, such as JPY
  --time-zone ZONE        IANA, such as Asia/Tokyo
  --mode MODE             live or test (live)
  --starts-at INSTANT     from when it takes history, RFC 3339 with an offset (now)
  --late-window-days N    events older than this go to review (30)
  --scopes A,B            what the key may do, such as events:write,purchases:read (everything)
  --directory DIR         where the installation of npm start keeps its data (.data)
  --json                  print one JSON document
  --help                  this text

Exit codes: 0 done, 1 the program has other settings, or a failure, 2 bad input.
`;

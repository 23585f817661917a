// Every word of the pages that a test looks for, in one place. Where the product has settled a word it
// stands here as text; where a page may still choose, as a pattern.

export const signIn = {
  path: "/signin",
  heading: "Sign in",
  email: "Email",
  password: "Password",
  submit: "Sign in",
  refused: "E-mail and password do not match.",
};

export const setUp = {
  path: "/setup",
  token: "Setup token",
  organization: "Organization",
  name: "Your name",
  email: "Email",
  password: "Password",
  submit: "Set up",
  wrongToken: "This is not the setup token, or it has expired.",
};

export const quarantine = {
  what: /No token is refreshed since \d/,
  copied: "copied from another place",
  stillWorks: "Tokens that are still valid are handed out",
  confirm: "grantport restore confirm",
};

export const navigation = {
  main: "Main",
  account: "Account and sessions",
  signOut: "Sign out",
};

export const applications = {
  path: "/",
  heading: "Applications",
  add: "New application",
  newPath: "/apps/new",
  name: "Name",
  slug: "Slug",
  returnUrls: "Return URLs",
  save: "Save",
};

export const settings = {
  name: "Name",
  returnUrls: "Return URLs",
  allowedOrigins: "Allowed origins",
  bound: /^By your backend/,
  accent: "Accent colour",
  save: "Save",
  logo: "Picture",
  uploadLogo: "Upload logo",
  replaceLogo: "Replace logo",
  removeLogo: "Remove logo",
  preview: (application: string) => `The mark of ${application} and its button, on light and on dark paper`,
};

export const providers = {
  heading: "OAuth Providers",
  add: "Add Provider",
  search: "Search providers",
  searchButton: "Search",
  redirectUri: "Redirect URI",
  copy: "Copy Redirect URI",
  copied: "Copied",
  clientId: "Client ID",
  clientSecret: "Client Secret",
  addSecret: "Add a Client Secret",
  otherScopes: "Other scopes",
  searchScopes: "Search scopes",
  save: "Save",
  active: "Active",
  endsIn: "ends in",
  changeScopes: (provider: string) => `Change what ${provider} is asked for?`,
  back: "Back",
  newSecret: "Client Secret of the new Client ID",
  onTrial: "On trial",
  inUse: "In use",
  kept: "Kept",
  refused: "Refused",
  remove: "Remove",
};

export const customProvider = {
  name: "Custom OAuth 2.0 / OpenID Connect",
  issuer: "Issuer",
  lookUp: "Look it up",
  found: "What the issuer told",
  providerName: "Name",
  authorizeUrl: "Authorize URL",
  tokenUrl: "Token URL",
  profileUrl: "Profile URL",
  accountId: "Account ID",
  from: (issuer: string) => `Custom, from ${issuer}`,
  change: "Change the addresses",
  saveAddresses: "Save the addresses",
};

export const playground = {
  link: "Playground",
  heading: (provider: string) => `Playground of ${provider}`,
  getCode: "Get a code",
  getCodeAgain: "Get a code again",
  getToken: "Get a token",
  fetchProfile: "Fetch the profile",
  finish: "Finish and forget",
  tryAgain: "Try again",
};

export const keys = {
  heading: "API keys",
  name: "Name",
  make: "Make an API key",
  settings: "What it may do",
  these: "Only those that are ticked here",
  ranges: "IP ranges",
  rate: "Requests in a second",
  save: "Save",
  rotate: "Rotate",
  deprecate: "Deprecate",
  undo: "Undo deprecation",
  revoke: "Revoke",
  although: "Revoke it although it is in use",
};

export const webhooks = {
  heading: "Webhooks",
  add: "New endpoint",
  url: "URL",
  save: "Save",
  secret: "Signing secret",
  test: "Send a test event",
  again: /^Send (again|now)/,
  rotate: "Make a new secret",
};

export const connections = {
  heading: "Connections",
  search: "Search connections",
  filter: "Filter",
  history: "History",
  revoke: "Revoke",
  active: "Active",
  reconnectRequired: "Reconnect required",
  lacksScopes: "Lacks scopes",
  needs: "Needs",
  link: "Reconnect link",
  reduce: "Reduce scopes",
  showReduced: "Show what happens",
  revoked: "Revoked",
};

export const revokeMany = {
  heading: "Revoke many connections",
  howMany: "How many connections",
  submit: (connections: string) => `Revoke ${connections}`,
  done: "No token of them leaves Grantport.",
  undo: "Undo all",
};

export const emergencyStop = {
  stop: "Stop all tokens",
  why: "Why all tokens stop",
  go: "Let tokens go again",
};

export const revocation = {
  leaving: "The customer is leaving",
  incident: "A token may be in wrong hands",
  asked: "The owner asked for it",
  note: "Note for the audit",
  submit: "Revoke",
  undo: "Undo",
  notOffered: "Not possible from here",
  ended: "Ended",
};

export const members = {
  path: "/members",
  invite: "Make invitation link",
  link: "Invitation link",
  masked: "Lists hide personal data",
};

export const secondFactor = {
  path: "/account/second-factor",
  begin: "Set up a second factor",
};

export const confirmation = {
  path: "/account/confirm",
};

export const audit = {
  path: "/audit",
  heading: "Audit",
  check: "Check again",
  whole: "The chain is whole.",
};

export const account = {
  path: "/account",
  currentPassword: "Current password",
  newPassword: "New password",
  save: "Save",
};

export const hosted = {
  ask: (application: string, provider: string) => `${application} asks to connect your ${provider} account`,
  connect: (provider: string) => `Connect ${provider}`,
  done: (provider: string) => `${provider} is connected`,
  notAllowed: (provider: string) => `${provider} did not let you approve this`,
  denied: (provider: string) => `${provider} was not connected`,
  unavailable: (provider: string) => `${provider} does not answer`,
  unknownLink: "This link is not complete",
  expired: "This link has expired",
  stopped: "This link was stopped",
  otherLink: "This link belongs to another browser",
  tooLong: "That took longer than ten minutes",
  unknownAnswer: "This answer fits nothing we asked",
  providerError: (provider: string) => `${provider} reports an error`,
  otherAccount: (provider: string) => `That is another ${provider} account`,
  sameAccount: "Use the account it was",
  replaceAccount: "Replace it",
  keepBoth: "Keep both",
  connectionEnded: "That connection was ended",
  back: (application: string) => `Back to ${application}`,
  otherBrowser: "You began in another browser",
  otherOwner: (provider: string) => `That ${provider} account is connected for someone else`,
  messageForAdmin: "Message for your admin",
  supportCode: "Support code",
  stop: "Stop here",
  tryAgain: "Try again",
  accounts: "My connected accounts",
  disconnect: (provider: string) => `Disconnect ${provider}`,
};

/** The built-in practice provider, and its desk, where it is given a bad day. */
export const practice = {
  add: "Add the practice provider",
  slug: "practice",
  name: "Practice provider",
  approve: "Approve",
  deny: "Deny",
  person: "Ada Brandt",
  account: "ada@northwind.example",
  path: "/practice",
  beginOutage: "Begin an outage",
  endOutage: "End the outage",
  shortLife: "30 seconds",
  saveLife: "Save",
  revokeAll: "Revoke all grants",
};

/** The provider pages of the stand-ins. */
export const standIns = {
  apollo: { authorize: "Authorize", cancel: "Cancel" },
  oidc: { login: "Enter any login", password: "and password", signIn: "Sign-in", consent: "Continue", cancel: "[ Cancel ]" },
};

export type Language = 'en' | 'de';

const english = {
  title: 'Approval',
  askedBy: '{asker} asks through {through}; the policy "{policy}" wants an approval.',
  consider: 'To consider',
  plan: 'What would be done',
  blast: 'Whom it concerns',
  answers: 'Answers so far',
  terms: 'Terms',
  open: 'Open until {until} UTC.',
  quorum: '{granted} of {quorum} persons have approved it.',
  lends: 'Your approval lends the right to {permission}, for this operation alone.',
  anew: 'It is asked anew: {reason}.',
  answerGrant: '{by} approved (round {round}).',
  answerDeny: '{by} denied (round {round}).',
  answeringAs: 'You answer as {addressee}. This link is for one answer.',
  comment: 'Comment',
  approve: 'Approve',
  deny: 'Deny',
  thanks: 'Your answer is recorded',
  granted: 'It is approved. Before it is done, all is looked at once more.',
  grantedInPart: 'You have approved it. Somebody else has to as well.',
  denied: 'It is denied. Nothing will be done.',
  cannot: 'This cannot be answered here',
};

const german: Record<keyof typeof english, string> = {
  title: 'Genehmigung',
  askedBy: '{asker} fragt über {through}; die Richtlinie „{policy}“ verlangt eine Genehmigung.',
  consider: 'Zu bedenken',
  plan: 'Was getan würde',
  blast: 'Wen es betrifft',
  answers: 'Antworten bisher',
  terms: 'Bedingungen',
  open: 'Offen bis {until} UTC.',
  quorum: '{granted} von {quorum} Personen haben zugestimmt.',
  lends: 'Ihre Zustimmung leiht das Recht zu {permission}, nur für diese Operation.',
  anew: 'Es wird neu gefragt: {reason}.',
  answerGrant: '{by} hat zugestimmt (Runde {round}).',
  answerDeny: '{by} hat abgelehnt (Runde {round}).',
  answeringAs: 'Sie antworten als {addressee}. Dieser Link gilt für eine Antwort.',
  comment: 'Bemerkung',
  approve: 'Genehmigen',
  deny: 'Ablehnen',
  thanks: 'Ihre Antwort ist festgehalten',
  granted: 'Es ist genehmigt. Bevor es getan wird, wird alles noch einmal geprüft.',
  grantedInPart: 'Sie haben zugestimmt. Noch jemand muss es auch.',
  denied: 'Es ist abgelehnt. Nichts wird getan.',
  cannot: 'Hier kann nicht geantwortet werden',
};

export function wordsOf(language: Language): typeof english {
  return language === 'de' ? german : english;
}

/** The first language that the browser wants and we have. */
export function languageOf(header: string | undefined): Language {
  const [first] = (header ?? '').toLowerCase().match(/\b(de|en)\b/) ?? [];
  return first === 'de' ? 'de' : 'en';
}

export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''));
}

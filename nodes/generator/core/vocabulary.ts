/** What people on a live stream are called and say. */

export const USERNAMES: readonly string[] =
  'night_owl pixel_pete chat_goblin lurker_lou hype_hannah gg_greta speedy_sam no_scope_nora backseat_bob cozy_carl clip_chaser mod_maggie combo_kid retro_rita boss_rusher salty_sid snack_break late_larry first_timer loot_luna crit_chris tank_tilda heal_henry dodge_dan parry_paula glitch_gus wholesome_will meme_mila pog_patrol vod_viv emote_emil raid_rosa sub_sven tilt_tom zen_zoe aim_andy map_max quest_quinn rng_rudy farm_fay hop_hugo lag_lina build_bea grind_gabe frag_fritz'.split(
    ' ',
  );

export const EMOTES: readonly string[] =
  'Kappa PogChamp LUL KEKW OMEGALUL Pog POGGERS MonkaS Sadge PepeHands FeelsGoodMan FeelsBadMan BibleThump Kreygasm TriHard ResidentSleeper 4Head EZ Clap Pepega CoolStoryBob PauseChamp widepeepoHappy'.split(
    ' ',
  );

/** {emote} is one emote. The hint is what the producer guesses from the words. */
export const TEMPLATES: readonly string[] = [
  'Hello everyone {emote}',
  'hi chat {emote}',
  'good evening from the train {emote}',
  'first stream I catch live this week {emote}',
  'finally home, what did I miss?',
  'how long until the boss?',
  'which difficulty is this?',
  'what is the song called?',
  'is that a new microphone?',
  'do you stream tomorrow too?',
  'what rank are you now?',
  'can you show the map again?',
  'how did you do that?!',
  'what just happened {emote}',
  'wait, that works? {emote}',
  'no way {emote} {emote}',
  'I love this game {emote}',
  'this is the best part {emote}',
  'great play {emote}',
  'nice one',
  'so good {emote}',
  'amazing aim today {emote}',
  'that was perfect {emote}',
  'this stream makes my day, thanks',
  'haha {emote}',
  'lol {emote}',
  'I laughed so hard {emote}',
  'gg {emote}',
  'GG everyone',
  'well played',
  'awesome run so far {emote}',
  'that jump was bad {emote}',
  'this level is terrible {emote}',
  'oh no, fail {emote}',
  'RIP {emote}',
  'so sad {emote}',
  'that boss sucks {emote}',
  'boring part, skip it?',
  'the lag is awful today',
  'bad luck {emote}',
  'I hate this enemy {emote}',
  'cringe {emote}',
  'left side, look left!',
  'drink some water',
  'chat is moving so fast',
  'brb, dinner',
  'clip that {emote}',
  'same {emote}',
  '{emote}',
];

/** What everybody writes while a moment lasts. */
export const WAVES: readonly (readonly [emote: string, texts: readonly string[]])[] = [
  [
    'PogChamp',
    [
      '{emote} {emote} {emote}',
      'LETS GO {emote}',
      'POG {emote}',
      'HE DID IT {emote}',
      'amazing {emote} {emote}',
      'WHAT A PLAY {emote}',
    ],
  ],
  [
    'KEKW',
    ['{emote} {emote} {emote}', 'LOL {emote}', 'haha {emote} {emote}', 'I am crying {emote}', '{emote} clip it', 'no way {emote}'],
  ],
  ['OMEGALUL', ['{emote} {emote}', 'lol {emote}', 'HOW {emote}', '{emote} {emote} {emote} {emote}', 'he really did that {emote}']],
  ['PepeHands', ['{emote} {emote} {emote}', 'RIP {emote}', 'NOOO {emote}', 'so close {emote}', 'F', 'sad {emote}']],
];

export const TITLES: readonly string[] = [
  'Road to the final boss',
  'Chill evening, come say hi',
  'No-hit attempts, day 12',
  'Ranked until we drop',
  'Drawing your ideas',
  'Learning the hard way',
  'Subathon, day 3',
  'New patch, new tricks',
  'Speedrun practice',
  'Charity stream',
];

export const CATEGORIES: readonly string[] = [
  'Just Chatting',
  'Art',
  'Music',
  'Retro',
  'Minecraft',
  'Chess',
  'Rocket League',
  'Dark Souls III',
  'Slay the Spire',
  'Science & Technology',
];

export const TAGS: readonly string[] = [
  'English',
  'Casual',
  'Competitive',
  'Speedrun',
  'Educational',
  'Family',
  'Community',
  'Chill',
];

export const DONATION_TEXTS: readonly string[] = [
  '',
  'Keep it up!',
  'Thanks for the stream',
  'For the coffee fund',
  'You earned it',
  'Great content, thank you',
];

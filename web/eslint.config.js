import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const rooms = ['api', 'apps', 'records', 'trends', 'map', 'shell', 'widgets', 'live', 'locale', 'commands', 'devices', 'points']

/** The order of the floors: a room uses only rooms to its left. */
const floors = ['locale', 'api', 'apps', 'live', 'widgets', 'commands', 'trends', 'map', 'points', 'records', 'devices', 'shell']

const doorsOnly = {
  group: ['@/*/*', '!@/main'],
  message: 'Another room is entered by its door: import from "@/<room>".',
}
const noShell = { group: ['@/shell'], message: 'The shell uses the rooms and the apps, never the other way.' }

function roomRules(room) {
  const above = floors.slice(floors.indexOf(room) + 1)
  const group = [room, ...above].map((name) => `@/${name}`)
  return {
    files: [`web/src/${room}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            doorsOnly,
            { group: ['../*', '!../*.json'], message: 'Another room is entered by its door: import from "@/<room>".' },
            { group, message: `"${room}" stands below that room, or is it: ${floors.join(' < ')}.` },
          ],
        },
      ],
    },
  }
}

const onlyApi = {
  files: ['web/src/**', 'apps/*/web/**'],
  ignores: ['web/src/api/**'],
  rules: { 'no-restricted-globals': ['error', ...['fetch', 'WebSocket', 'XMLHttpRequest'].map((name) => ({ name, message: 'Only web/src/api speaks to the server.' }))] },
}

export default ts.config(
  { ignores: ['web/dist/**', 'web/node_modules/**', 'web/src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    files: ['**/*.{ts,vue,js,mjs}'],
    rules: {
      'no-undef': 'off',
      'vue/html-indent': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/attributes-order': 'off',
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['暖枢', '·', '/', '–', '—', ':', '：', '…', '%', '(', ')', '×', '≥', 'EN', '中', '✎', '≈', '?', '→', '←', '↑', '↓', '▲', '▼', '℃', '㎡', 'CSV'] }],
      // Names keep their unit, here as everywhere: now_ms.
      'vue/prop-name-casing': 'off',
      'max-lines': ['error', { max: 300 }],
    },
  },
  ...rooms.map(roomRules),
  { files: ['apps/*/web/**'], rules: { 'no-restricted-imports': ['error', { patterns: [doorsOnly, noShell] }] } },
  onlyApi,
)

/** The way down, as a person walks it: select, look, execute, watch the read-back; and what was commanded before. */
export { default as CommandDialog } from './CommandDialog.vue'
export { default as CommandTable } from './CommandTable.vue'

/** Records of any type, shown and edited from the type's own description. */
export { default as FieldValue } from './FieldValue.vue'
export { default as RecordFields } from './RecordFields.vue'
export const recordListPage = () => import('./RecordListPage.vue')
export const recordPage = () => import('./RecordPage.vue')

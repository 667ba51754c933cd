/** A map without a tile server: areas, lines and symbols on an empty ground. The library is loaded when a map is first shown. */
export { default as CityMap } from './CityMap.vue'
export type { MapArea, MapLine, MapSymbol, SymbolLook, SymbolShape } from './layers'

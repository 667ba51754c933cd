import type { FeatureCollection } from 'geojson'
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

const none: FeatureCollection = { type: 'FeatureCollection', features: [] }

/** Everything the map shows, from what is drawn first to what is drawn last. No tiles, no glyphs, no sprites from anywhere. */
export function cityStyle(style: CSSStyleDeclaration): StyleSpecification {
  // On a wall of screens everything grows with the root font.
  const scale = (Number.parseFloat(style.fontSize) || 14) / 14
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const look = (names: Record<string, string>, fallback: string) => ['match', ['get', 'look'], ...Object.entries(names).flatMap(([key, name]) => [key, colour(name)]), colour(fallback)]
  const layers = [
    { id: 'ground', type: 'background', paint: { 'background-color': colour('--ns-ground') } },
    { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': look({ cold: '--ns-low', hot: '--ns-high', silent: '--ns-ground' }, '--ns-building'), 'fill-outline-color': colour('--ns-building-edge') } },
    { id: 'lines', type: 'line', source: 'lines', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('--ns-supply'), 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 10, ['*', ['get', 'width'], 0.4 * scale], 17, ['*', ['get', 'width'], 2.5 * scale]] } },
    { id: 'symbols', type: 'symbol', source: 'symbols', layout: { 'icon-image': ['concat', ['get', 'shape'], ':', ['get', 'look']], 'icon-allow-overlap': true, 'icon-size': ['case', ['get', 'isLarge'], 1.25 * scale, 0.8 * scale] } },
    { id: 'labels', type: 'symbol', source: 'symbols', minzoom: 12.2, filter: ['!', ['get', 'isLarge']], layout: { 'icon-image': ['concat', 'label:', ['get', 'title']], 'icon-size': scale, 'icon-anchor': 'top', 'icon-offset': [0, 10] } },
    { id: 'names', type: 'symbol', source: 'symbols', filter: ['get', 'isLarge'], layout: { 'icon-image': ['concat', 'label:', ['get', 'title']], 'icon-size': scale, 'icon-anchor': 'top', 'icon-offset': [0, 14], 'icon-allow-overlap': true } },
  ]
  return {
    version: 8,
    sources: { areas: { type: 'geojson', data: none, promoteId: 'code' }, lines: { type: 'geojson', data: none }, symbols: { type: 'geojson', data: none } },
    // The style's own types do not know expressions built at run time.
    layers: layers as LayerSpecification[],
  }
}

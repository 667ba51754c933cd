import type { FeatureCollection } from 'geojson'
import { Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import { cityStyle } from './city_style'
import { boundsOf, featuresOf, type MapArea, type MapLine, type MapSymbol, type SymbolLook, type SymbolShape } from './layers'
import { drawLabel, drawSymbol, pixelRatio } from './symbols'

setWorkerUrl(workerUrl)

export interface MapContent {
  areas: readonly MapArea[]
  lines: readonly MapLine[]
  symbols: readonly MapSymbol[]
}

export interface MapEvents {
  pick(code: string): void
  hover(code: string, x: number, y: number): void
  leave(): void
}

/** The WebGL map. Throws when the browser has no WebGL. */
export class CityGlMap {
  private readonly map: GlMap
  private content: MapContent
  private isReady = false

  constructor(host: HTMLElement, content: MapContent, events: MapEvents) {
    this.content = content
    this.map = new GlMap({ container: host, style: cityStyle(getComputedStyle(document.documentElement)), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 19 })
    this.map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right')
    this.map.addControl(new ScaleControl({}), 'bottom-left')
    this.map.setMissingStyleImageResolver((id) => this.addImage(id))
    this.map.on('load', () => {
      this.isReady = true
      this.fit()
      this.fill()
    })
    this.map.on('idle', () => (host.dataset.drawn = 'true'))
    this.listen(events)
  }

  /** Takes new content; parts that are the same object are left alone. */
  show(content: MapContent): void {
    const before = this.content
    this.content = content
    if (!this.isReady) return
    if (content.areas !== before.areas) this.set('areas', featuresOf(content.areas))
    if (content.lines !== before.lines) this.set('lines', featuresOf(content.lines))
    if (content.symbols !== before.symbols) this.set('symbols', featuresOf(content.symbols))
    if (before.symbols.length === 0 && before.areas.length === 0) this.fit()
  }

  /** Draws everything anew in the present theme. */
  restyle(): void {
    this.isReady = false
    this.map.setStyle(cityStyle(getComputedStyle(document.documentElement)), { diff: false })
    void this.map.once('style.load', () => {
      this.isReady = true
      this.fill()
    })
  }

  resize(): void {
    this.map.resize()
  }

  remove(): void {
    this.map.remove()
  }

  private fill(): void {
    this.set('areas', featuresOf(this.content.areas))
    this.set('lines', featuresOf(this.content.lines))
    this.set('symbols', featuresOf(this.content.symbols))
  }

  private set(source: string, features: FeatureCollection): void {
    this.map.getSource<GeoJSONSource>(source)?.setData(features)
  }

  private fit(): void {
    const box = boundsOf([...this.content.symbols, ...this.content.areas].map((item) => item.geometry))
    if (box) this.map.fitBounds([box.west, box.south, box.east, box.north], { padding: { top: 56, bottom: 48, left: 56, right: 72 }, animate: false, maxZoom: 15 })
  }

  private addImage(id: string): void {
    if (this.map.hasImage(id)) return
    const style = getComputedStyle(document.documentElement)
    const [kind = '', rest = ''] = splitOnce(id)
    const image = kind === 'label' ? drawLabel(rest, style) : drawSymbol(kind as SymbolShape, rest as SymbolLook, style)
    this.map.addImage(id, image, { pixelRatio })
  }

  private listen(events: MapEvents): void {
    for (const layer of ['symbols', 'areas']) {
      this.map.on('click', layer, (event) => {
        const code: unknown = event.features?.[0]?.properties.code
        if (event.defaultPrevented || typeof code !== 'string') return
        event.preventDefault()
        events.pick(code)
      })
      this.map.on('mousemove', layer, (event) => {
        const top = this.map.queryRenderedFeatures(event.point, { layers: ['symbols', 'areas'] })[0]
        const code: unknown = top?.properties.code
        this.map.getCanvas().style.cursor = 'pointer'
        if (typeof code === 'string') events.hover(code, event.point.x, event.point.y)
      })
      this.map.on('mouseleave', layer, () => {
        this.map.getCanvas().style.cursor = ''
        events.leave()
      })
    }
  }
}

function splitOnce(id: string): [string, string] {
  const colon = id.indexOf(':')
  return [id.slice(0, colon), id.slice(colon + 1)]
}

import type { Camera } from "./camera.ts";
import type { Places } from "./places.ts";
import type { Colours, PointRenderer, Style } from "./renderer.ts";

const VERTEX = `#version 300 es
precision highp float;
in vec2 from;
in vec2 to;
in uint code;
uniform vec4 view;
uniform float share;
uniform float size;
uniform sampler2D palette;
flat out vec4 colour;
void main() {
  gl_Position = vec4(mix(from, to, share) * view.xy + view.zw, 0.0, 1.0);
  gl_PointSize = size;
  colour = texelFetch(palette, ivec2(int(code), 0), 0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 colour;
uniform float size;
uniform float alpha;
out vec4 shown;
void main() {
  float edge = size < 2.5 ? 1.0 : clamp((1.0 - length(gl_PointCoord * 2.0 - 1.0)) * size * 0.5 + 0.25, 0.0, 1.0);
  float a = edge * alpha * colour.a;
  shown = vec4(colour.rgb * a, a);
}`;

/** A renderer that says it is one of these draws on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|software|softpipe|basic render/i;

/** Points by WebGL 2: places as 16-bit numbers, colours looked up in a texture. */
export class WebGLRenderer implements PointRenderer {
  readonly kind = "webgl";
  readonly firstBudget: number;
  private readonly program: WebGLProgram;
  private readonly buffers: Record<"from" | "to" | "code" | "order", WebGLBuffer>;
  private readonly at = new Map<string, WebGLUniformLocation | null>();
  private ratio = 1;
  private closed = false;

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly software: boolean,
  ) {
    this.firstBudget = software ? 20_000 : 300_000;
    this.program = linked(gl);
    const buffer = (): WebGLBuffer => gl.createBuffer();
    this.buffers = { from: buffer(), to: buffer(), code: buffer(), order: buffer() };
    for (const name of ["view", "share", "size", "alpha", "palette"])
      this.at.set(name, gl.getUniformLocation(this.program, name));
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.texture();
    for (const name of ["from", "to", "code"] as const) gl.enableVertexAttribArray(this.place(name));
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
  }

  /** Null where the browser has no WebGL 2; `lost` is called when the graphics card takes it away. */
  static on(canvas: HTMLCanvasElement, lost: () => void): WebGLRenderer | null {
    const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true, premultipliedAlpha: true });
    if (!gl) return null;
    const info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    try {
      const renderer = new WebGLRenderer(gl, SOFTWARE.test(name));
      canvas.addEventListener("webglcontextlost", () => {
        if (!renderer.closed) lost();
      });
      return renderer;
    } catch {
      // A driver that cannot compile these two shaders is no better than none.
      return null;
    }
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    const { canvas } = this.gl;
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    this.gl.viewport(0, 0, canvas.width, canvas.height);
  }

  setPlaces(from: Places, to: Places): void {
    this.fill("from", pairs(from));
    this.fill("to", from === to ? pairs(from) : pairs(to));
  }

  setColours({ codes, palette }: Colours): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.code);
    gl.bufferData(gl.ARRAY_BUFFER, codes, gl.DYNAMIC_DRAW);
    gl.vertexAttribIPointer(this.place("code"), 1, gl.UNSIGNED_BYTE, 1, 0);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
  }

  setOrder(rows: Uint32Array<ArrayBuffer>): void {
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, rows, this.gl.DYNAMIC_DRAW);
  }

  clear(): void {
    this.gl.clearColor(0, 0, 0, 0);
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }

  draw(camera: Camera, share: number, start: number, count: number, { size, alpha }: Style): void {
    const { gl } = this;
    const across = (2 * camera.scale * this.ratio) / gl.drawingBufferWidth;
    const up = (2 * camera.scale * this.ratio) / gl.drawingBufferHeight;
    gl.uniform4f(this.uniform("view"), across, up, -camera.x * across, -camera.y * up);
    gl.uniform1f(this.uniform("share"), share);
    gl.uniform1f(this.uniform("size"), size * this.ratio);
    gl.uniform1f(this.uniform("alpha"), alpha);
    gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 4 * start);
  }

  show(): null {
    this.gl.flush();
    return null;
  }

  close(): void {
    this.closed = true;
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private fill(name: "from" | "to", places: Uint16Array<ArrayBuffer>): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.DYNAMIC_DRAW);
    gl.vertexAttribPointer(this.place(name), 2, gl.UNSIGNED_SHORT, false, 4, 0);
  }

  private texture(): void {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.uniform1i(this.uniform("palette"), 0);
  }

  private place(name: string): number {
    return this.gl.getAttribLocation(this.program, name);
  }

  private uniform(name: string): WebGLUniformLocation | null {
    return this.at.get(name) ?? null;
  }
}

function pairs({ x, y }: Places): Uint16Array<ArrayBuffer> {
  const both = new Uint16Array(2 * x.length);
  for (let row = 0; row < x.length; row++) {
    both[2 * row] = x[row];
    both[2 * row + 1] = y[row];
  }
  return both;
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("no shader");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "");
  return program;
}

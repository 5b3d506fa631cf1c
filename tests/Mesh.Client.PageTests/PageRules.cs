namespace Mesh.Client.PageTests;

/// <summary>Rules that a page must keep, as a script that says where it does not.</summary>
internal static class PageRules
{
    public const string Script = """
        () => {
          const found = [];
          const shown = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
          const every = (selector, look) => [...document.querySelectorAll(selector)].filter(shown).forEach(look);

          // Landmarks, language, ids, live regions.
          for (const landmark of ['header', 'main', 'footer']) {
            if (document.querySelectorAll(`body > ${landmark}`).length !== 1) found.push(`landmark ${landmark}`);
          }
          if (!document.documentElement.lang) found.push('no language');
          if (!document.title) found.push('no title');
          const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
          ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => found.push(`id ${id} twice`));
          if (document.querySelectorAll('[role=status], [aria-live], [role=alert]').length !== 1) found.push('live regions');

          // Headings: one of the first level, none left out.
          let level = 0;
          let last = 'nothing';
          every('h1, h2, h3, h4, h5, h6', heading => {
            const now = Number(heading.localName[1]);
            if (now > level + 1) found.push(`heading ${heading.localName} '${heading.textContent}' after ${last}`);
            level = now;
            last = heading.localName;
          });
          if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');

          // Names.
          every('input, select', field => {
            if (!field.labels.length && !field.ariaLabel) found.push(`${field.localName} without a name`);
          });
          every('a, button', control => {
            if (!control.textContent.trim() && !control.ariaLabel) found.push(`${control.localName} without a name`);
          });
          every('nav', nav => nav.ariaLabel || found.push('nav without a name'));
          every('section', section => {
            if (!document.getElementById(section.getAttribute('aria-labelledby'))) found.push(`section ${section.id} without a name`);
          });
          every('svg', svg => {
            if (svg.closest('[aria-hidden=true]')) return;
            if (svg.getAttribute('role') !== 'img' || !svg.querySelector('title')?.textContent) found.push('picture without words');
          });
          every('table', table => {
            if (!table.caption?.textContent) found.push('table without a caption');
            table.querySelectorAll('th').forEach(th => th.scope || found.push(`header '${th.textContent}' without a scope`));
          });

          // Contrast of texts with what is behind them (WCAG 2.2, 1.4.3).
          const parts = color => color.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const contrast = (a, b) => {
            const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
            return (light + 0.05) / (dark + 0.05);
          };
          const behind = element => {
            for (let at = element; at; at = at.parentElement) {
              const color = parts(getComputedStyle(at).backgroundColor);
              if (color[3] === undefined || color[3] === 1) return color;
            }
            return parts(getComputedStyle(document.body).backgroundColor);
          };
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            const element = text.parentElement;
            if (!text.data.trim() || !shown(element) || element.closest('script, style, svg title, option')) continue;
            const style = getComputedStyle(element);
            const drawn = element.closest('svg');
            const part = drawn && element.closest('g');
            const hatched = part?.querySelector('.hatched');
            const tone = part?.querySelector('[class^=tone]');
            const front = parts(drawn ? style.fill : style.color);
            const ground = hatched ? parts(style.stroke) : tone ? parts(getComputedStyle(tone).fill)
              : behind(drawn?.parentElement ?? element);
            const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
            const ratio = contrast(front, ground);
            if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)} of '${text.data.trim()}'`);
          }

          return found;
        }
        """;
}
